// A static Go program behind a script or a wrapper: only the program that `lastcall run` itself
// becomes is patched, and this one is not. Reads files; what scripts say is script.hpp's to know.
#pragma once

#include "script.hpp"

namespace lastcall::command {

struct GoBehind {
    std::string starter;  // the script, or the wrapper; empty: there is no such program
    bool is_script = false;
    std::string program;  // as it is called there
};

[[nodiscard]] GoBehind find_go_behind(const Words& command);

}  // namespace lastcall::command
