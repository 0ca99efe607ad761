// Gathers the facts of `check --setup`: reads /proc, pages and folders, asks as the servers' users,
// and writes nothing.
#pragma once

#include "setup.hpp"

namespace lastcall::command {

// Of the process and its descendants. Throws UsageError if there is none.
[[nodiscard]] SetupFacts setup_around(int pid);

}  // namespace lastcall::command
