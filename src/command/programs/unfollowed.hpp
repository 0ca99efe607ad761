// The one sentence by which `lastcall run` says that something escapes it, and goes on.
#pragma once

#include <string>

namespace lastcall::command {

// On stderr. Both are made fit for a terminal.
void tell_unfollowed(const std::string& who, const std::string& why);

}  // namespace lastcall::command
