// Where the loader would find the libraries that a program needs, and what they add to the verdict.
// Approximates the loader: glibc's and musl's search paths, not its cache or its oddities.
#pragma once

#include "verdict.hpp"

namespace lastcall::command {

// The program, which lies at `path`, and all it needs, directly or not.
[[nodiscard]] Needs look_through(const Elf& program, const std::string& path);

}  // namespace lastcall::command
