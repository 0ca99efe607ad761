// What the two kinds of check share: a program's, before it starts, and a process's, while it runs.
#pragma once

#include "verdict.hpp"

namespace lastcall::command {

// Prints the verdict and its findings; the exit status.
int tell(const std::string& subject, const Findings& findings);

int check_process(const std::string& pid);

}  // namespace lastcall::command
