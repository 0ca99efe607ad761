// Which known word was probably meant by an unknown one. Knows no option and no subcommand.
#pragma once

#include <lastcall/bytes.hpp>

#include <span>

namespace lastcall::command {

// How many letters must be added, dropped, changed or swapped with a neighbour.
[[nodiscard]] std::size_t distance(Bytes a, Bytes b);

// The nearest of the words: one that begins with what was typed, or that is at most a third of it
// away. Empty: none.
[[nodiscard]] Bytes near_miss(Bytes typed, std::span<const Bytes> known);

}  // namespace lastcall::command
