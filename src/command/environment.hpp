// What an environment tells of mistakes: names that were meant to be settings, and programs that
// begin a new environment, where the library is in none. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace lastcall::command {

// A sentence for each variable whose name is nearly that of a setting: the library ignores it.
[[nodiscard]] std::vector<std::string> misspelt(std::span<const std::string> environment);

// Does the command line start another program with an environment of its own, as env -i does?
[[nodiscard]] bool begins_anew(std::span<const std::string> command);

}  // namespace lastcall::command
