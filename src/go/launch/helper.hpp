// Follows a static Go program from its first instruction on. A child of the process that is about
// to become the program waits for that moment, brings the guest in, and is gone before the program
// begins.
#pragma once

#include "program_file.hpp"

namespace lastcall::go {

// To be called right before the caller becomes the program. Empty: it is waited for. Else why the
// program cannot be followed; it may be become all the same.
// guest: the path of the guest's file.
[[nodiscard]] std::string summon_helper(const ProgramFile& program, const std::string& guest);

// The caller could not become the program, perhaps because it is traced: it is not any more, and as
// it was before. False: it was not.
[[nodiscard]] bool dismiss_helper();

}  // namespace lastcall::go
