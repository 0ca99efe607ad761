// The program's own headers in memory, as the kernel tells of them, and how far it has been moved
// from the addresses in its file. (elf(5))
#pragma once

#include <elf.h>
#include <sys/auxv.h>
#include <cstdint>
#include <span>

namespace lastcall::go {

using Headers = std::span<const Elf64_Phdr>;

// Empty if the kernel tells of none.
[[nodiscard]] inline Headers own_headers() {
    const auto* const first = reinterpret_cast<const Elf64_Phdr*>(getauxval(AT_PHDR));
    return {first, first == nullptr ? 0 : getauxval(AT_PHNUM)};
}

// By as much as the headers, which say where they would be. (Not every program's follow the file's
// own: tools that edit programs move them to the end.)
[[nodiscard]] inline std::uint64_t moved_by(Headers headers) {
    for (const Elf64_Phdr& header : headers) {
        if (header.p_type == PT_PHDR) {
            return reinterpret_cast<std::uint64_t>(headers.data()) - header.p_vaddr;
        }
    }
    return 0;
}

}  // namespace lastcall::go
