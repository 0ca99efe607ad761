// The file is mapped, since most of it is not looked at, and large ones are common.

#include "program_file.hpp"

#include "mapped_file.hpp"

#include <elf.h>
#include <cstring>

namespace lastcall::go {
namespace {

#if defined(__aarch64__)
constexpr std::uint16_t own_machine = EM_AARCH64;
#else
constexpr std::uint16_t own_machine = EM_X86_64;
#endif

template <typename Value>
bool read_at(Bytes file, std::uint64_t offset, Value& value) {
    if (offset > file.size() || file.size() - offset < sizeof value) return false;
    std::memcpy(&value, file.data() + offset, sizeof value);
    return true;
}

bool is_program(const Elf64_Ehdr& header) {
    return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
           header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_machine == own_machine &&
           (header.e_type == ET_EXEC || header.e_type == ET_DYN) &&
           header.e_phentsize == sizeof(Elf64_Phdr);
}

Bytes content(Bytes file, const Elf64_Phdr& segment) {
    if (segment.p_offset > file.size()) return {};
    return first(from(file, segment.p_offset), segment.p_filesz);
}

}  // namespace

std::optional<ProgramFile> read_program_file(const std::string& path) {
    const MappedFile mapped{path};
    const Bytes file = mapped.bytes();
    Elf64_Ehdr header;
    if (!read_at(file, 0, header) || !is_program(header)) return {};
    ProgramFile program;
    program.entry = header.e_entry;
    SiteSearch search;
    for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr segment;
        if (!read_at(file, header.e_phoff + i * sizeof segment, segment)) return {};
        if (segment.p_type == PT_INTERP) program.has_loader = true;
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
        search.look_through(content(file, segment), segment.p_vaddr);
    }
    program.any = search.any();
    program.sites = search.found();
    return program;
}

}  // namespace lastcall::go
