// lastcall run, where the program is Go's: into a static one nothing can be preloaded, so the guest
// is brought into it as it starts; of a dynamic one the preload may have to be told.
#pragma once

#include "script.hpp"
#include "verdict.hpp"

namespace lastcall::command {

// To be called right before the program is become. False: it is no such program, or one of which
// the same is to be said as of any. If it is one that cannot be followed, that has been said.
// folder: where the guest's file is. Of a program that only starts others nothing is said: these
// are followed whether or not it is.
[[nodiscard]] bool follow_go(const std::string& path, const std::string& folder, Role role);

// Says so if the command starts a static Go program by a script or a wrapper.
void tell_of_go_behind(const Words& command);

}  // namespace lastcall::command
