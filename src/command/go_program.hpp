// lastcall run, where the program is a static Go one: nothing can be preloaded into it, so the
// guest is brought into it as it starts.
#pragma once

#include <string>

namespace lastcall::command {

// To be called right before the program is become. False: it is no such program. If it is one that
// cannot be followed, that has been said.
// folder: where the guest's file is.
[[nodiscard]] bool follow_go(const std::string& path, const std::string& folder);

}  // namespace lastcall::command
