// What a shell script starts in its place, as far as it says so literally; and what a wrapper as
// tini or env starts. Pure text: runs nothing, expands nothing but the script's own arguments.
#pragma once

#include <lastcall/bytes.hpp>

#include <string>
#include <vector>

namespace lastcall::command {

using Words = std::vector<std::string>;

// By the name of the program.
[[nodiscard]] bool is_shell(Bytes path);

// The words behind each `exec`, and those of the last command. "$@" stands for the arguments.
[[nodiscard]] std::vector<Words> commands_in_place(Bytes script, const Words& arguments);

// What the wrapper starts. Empty: it starts nothing, or is no wrapper that is known.
[[nodiscard]] Words behind_wrapper(const Words& command);

// Is it, by its name, a program that serves nobody itself: a wrapper or a shell?
[[nodiscard]] bool only_starts(const Words& command);

}  // namespace lastcall::command
