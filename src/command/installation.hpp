// Where the library of this command is.
#pragma once

#include <string>

namespace lastcall::command {

struct FoundLibrary {
    std::string path = {};   // absolute; empty: there is none
    std::string error = {};  // where it was looked for
};

// Beside the command, or where an installation has it.
[[nodiscard]] FoundLibrary find_library();

}  // namespace lastcall::command
