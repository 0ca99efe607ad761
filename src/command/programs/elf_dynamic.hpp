// The dynamic section of an ELF file: what it needs, where it looks, which names it asks for.
#pragma once

#include "elf.hpp"
#include "image.hpp"

#include <elf.h>

namespace lastcall::command {

using Segments = std::vector<Elf64_Phdr>;

// Does this place of the file become memory that can be written?
[[nodiscard]] bool is_writable(const Segments& segments, std::uint64_t place);

// Where in the file lies what is at this address in memory.
[[nodiscard]] std::optional<std::uint64_t> place_of(const Segments& segments,
                                                    std::uint64_t address);

// False: it points outside of the file. None at all is fine.
[[nodiscard]] bool read_dynamic(const Image& file, const Segments& segments, Elf& elf);

}  // namespace lastcall::command
