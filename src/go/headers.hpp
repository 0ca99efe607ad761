// The program's own headers in memory, as the kernel tells of them, and how far it has been moved
// from the addresses in its file. (elf(5))
#pragma once

#include <elf.h>
#include <sys/auxv.h>
#include <cstdint>
#include <optional>
#include <span>

namespace lastcall::go {

using Headers = std::span<const Elf64_Phdr>;

// Empty if the kernel tells of none.
[[nodiscard]] inline Headers own_headers() {
    const auto* const first = reinterpret_cast<const Elf64_Phdr*>(getauxval(AT_PHDR));
    return {first, first == nullptr ? 0 : getauxval(AT_PHNUM)};
}

// Does it hold these bytes, in memory as in the file?
[[nodiscard]] inline bool is_held(const Elf64_Phdr& segment, std::uint64_t start,
                                  std::uint64_t size) {
    return segment.p_type == PT_LOAD && (segment.p_flags & PF_R) != 0 && start >= segment.p_vaddr &&
           size <= segment.p_filesz && start - segment.p_vaddr <= segment.p_filesz - size;
}

// By as much as the headers, which say where they would be. (Not every program's follow the file's
// own: tools that edit programs move them to the end.) Those that do not say so stand where they
// would, or it is not known: a program that was started by its loader's name may be told of the
// loader's headers.
[[nodiscard]] inline std::optional<std::uint64_t> moved_by(Headers headers) {
    const auto here = reinterpret_cast<std::uint64_t>(headers.data());
    for (const Elf64_Phdr& header : headers) {
        if (header.p_type == PT_PHDR) return here - header.p_vaddr;
    }
    for (const Elf64_Phdr& header : headers) {
        if (is_held(header, here, headers.size_bytes())) return 0;
    }
    return {};
}

}  // namespace lastcall::go
