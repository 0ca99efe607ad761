// What a program's file says of Go: where it calls the kernel, whether a loader runs first, and
// whether it has Go's note.
// Opens the file, looks at headers and at executable segments, and changes nothing.
#pragma once

#include "../site.hpp"

#include <optional>
#include <string>

namespace lastcall::go {

struct ProgramFile {
    bool any = false;         // something of Go's was seen, be it once or not
    bool has_loader = false;  // PT_INTERP: it is dynamic
    bool has_note = false;    // Go's, by which the preload knows it
    std::uint64_t entry = 0;  // its first instruction, as an address of the file
    Sites sites;              // addresses of the file
};

// Whether a program that has a loader is looked through as well. The guest does that there.
enum class Look : std::uint8_t { through_all, through_static };

// Empty if it cannot be read, or is no program for this machine.
[[nodiscard]] std::optional<ProgramFile> read_program_file(const std::string& path, Look look);

}  // namespace lastcall::go
