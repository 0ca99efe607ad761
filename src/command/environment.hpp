// What an environment tells of mistakes: names that were meant to be settings, and programs that
// begin a new environment, where the library is in none. Pure.
#pragma once

#include "programs/script.hpp"

#include <span>
#include <string>
#include <vector>

namespace lastcall::command {

// A sentence for each variable whose name is nearly that of a setting: the library ignores it.
[[nodiscard]] std::vector<std::string> misspelt(std::span<const std::string> environment);

// Which program of the command line, itself or what it starts, gives what it starts in turn a new
// environment, as env -i, sudo and su - do. Empty: none does, or `lastcall run` is behind it.
[[nodiscard]] std::string begins_anew(const Words& command);

// Of what is started so: why it escapes, and what to do.
[[nodiscard]] std::string of_new_environment(const std::string& starter);

// Does the command line name `lastcall run`?
[[nodiscard]] bool names_us(const Words& command);

}  // namespace lastcall::command
