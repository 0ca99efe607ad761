// Addresses are the file's, moved by as much as the program headers have been. (elf(5))

#include "program.hpp"

#include "process.hpp"

#include <span>

namespace lastcall::go {
namespace {

using Headers = std::span<const Elf64_Phdr>;

Headers program_headers() {
    const auto* const first = reinterpret_cast<const Elf64_Phdr*>(auxiliary(process, AT_PHDR));
    return {first, first == nullptr ? 0 : auxiliary(process, AT_PHNUM)};
}

// Where the headers would be if the program had not been moved: they follow the file's header.
std::uint64_t moved_by(Headers headers) {
    const auto here = reinterpret_cast<std::uint64_t>(headers.data());
    for (const Elf64_Phdr& header : headers) {
        const bool holds = header.p_type == PT_LOAD && header.p_offset <= sizeof(Elf64_Ehdr) &&
                           header.p_offset + header.p_filesz > sizeof(Elf64_Ehdr);
        if (holds) return here - (header.p_vaddr + sizeof(Elf64_Ehdr) - header.p_offset);
    }
    return 0;
}

}  // namespace

SiteSearch search_program() {
    SiteSearch search;
    const Headers headers = program_headers();
    const std::uint64_t moved = moved_by(headers);
    for (const Elf64_Phdr& header : headers) {
        if (header.p_type != PT_LOAD || (header.p_flags & PF_X) == 0) continue;
        const std::uint64_t start = header.p_vaddr + moved;
        search.look_through({reinterpret_cast<const char*>(start), header.p_filesz}, start);
    }
    return search;
}

}  // namespace lastcall::go
