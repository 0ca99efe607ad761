// Brings the guest into a stopped process: maps its file there, as a loader would, and turns the
// process's first instruction aside to it.
#pragma once

#include "program_file.hpp"
#include "tracee.hpp"

namespace lastcall::go {

// Empty: the process will begin in the guest, once the caller has exited. Else why not, and nothing
// in it has changed.
[[nodiscard]] std::string bring(Tracee& process, const ProgramFile& program,
                                const std::string& guest, const Launch& launch);

}  // namespace lastcall::go
