// Addresses are the file's, moved by as much as the program headers have been. (elf(5))

#include "program.hpp"

#include "../headers.hpp"

namespace lastcall::go {

SiteSearch search_program() {
    SiteSearch search;
    const Headers headers = own_headers();
    const auto moved = moved_by(headers);
    if (!moved) return search;
    for (const Elf64_Phdr& header : headers) {
        constexpr Elf64_Word code = PF_R | PF_X;
        if (header.p_type != PT_LOAD || (header.p_flags & code) != code) continue;
        const std::uint64_t start = header.p_vaddr + *moved;
        search.look_through({reinterpret_cast<const char*>(start), header.p_filesz}, start);
    }
    return search;
}

}  // namespace lastcall::go
