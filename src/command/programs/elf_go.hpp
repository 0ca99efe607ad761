// What Go's linker left in a file: that it was there, and which version. Stripped programs have it
// too; programs that were built to be the same everywhere may have neither.
#pragma once

#include "elf_dynamic.hpp"

namespace lastcall::command {

// Says in `elf` what is found. Without segments the file is not searched: its sections have to
// tell.
void read_go(const Image& file, const Elf64_Ehdr& header, const Segments& segments, Elf& elf);

// Of the build information that begins at this place of the file; empty if it does not tell.
[[nodiscard]] std::string read_go_version(const Image& file, const Segments& segments,
                                          std::uint64_t place);

// By the names of its sections alone: quick, however large the file.
[[nodiscard]] bool has_go_sections(const Image& file);

}  // namespace lastcall::command
