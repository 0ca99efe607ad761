// The file is mapped, since most of it is not looked at, and large ones are common.

#include "program_file.hpp"

#include "../note.hpp"
#include "mapped_file.hpp"

#include <elf.h>
#include <cstring>
#include <vector>

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

// False: they are not all there.
bool read_segments(Bytes file, const Elf64_Ehdr& header, std::vector<Elf64_Phdr>& segments) {
    segments.resize(header.e_phnum);
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (!read_at(file, header.e_phoff + i * sizeof segments[i], segments[i])) return false;
    }
    return true;
}

void look_at_headers(Bytes file, const std::vector<Elf64_Phdr>& segments, ProgramFile& program) {
    for (const Elf64_Phdr& segment : segments) {
        if (segment.p_type == PT_INTERP) program.has_loader = true;
        if (segment.p_type == PT_NOTE && has_go_note(content(file, segment), segment.p_align)) {
            program.has_note = true;
        }
    }
}

// From this address on, as far as its segment goes.
Bytes code_at(Bytes file, const std::vector<Elf64_Phdr>& segments, std::uint64_t address) {
    for (const Elf64_Phdr& segment : segments) {
        const std::uint64_t into = address - segment.p_vaddr;
        if (segment.p_type != PT_LOAD || address < segment.p_vaddr) continue;
        if (into < segment.p_filesz) return from(content(file, segment), into);
    }
    return {};
}

// Go's own first instructions, where it does not link C: argc and argv are taken off the stack.
// (runtime, rt0_linux_amd64.s and _arm64.s)
bool begins_as_go(Bytes file, const std::vector<Elf64_Phdr>& segments, std::uint64_t entry) {
    Bytes code = code_at(file, segments, entry);
#if defined(__x86_64__)
    constexpr Bytes arguments{"\x48\x8b\x3c\x24\x48\x8d\x74\x24\x08", 9};
    std::int32_t jump = 0;
    if (!code.starts_with('\xe9') || !read_at(code, 1, jump)) return false;
    code = code_at(file, segments, entry + 5 + static_cast<std::uint64_t>(std::int64_t{jump}));
#else
    constexpr Bytes arguments{"\xe0\x03\x40\xf9\xe1\x23\x00\x91", 8};
#endif
    return code.starts_with(arguments);
}

// A static program that is not Go's may hold one, among what it reads.
bool is_gos(Bytes file, const std::vector<Elf64_Phdr>& segments, const ProgramFile& program) {
    return program.has_loader || program.has_note || begins_as_go(file, segments, program.entry);
}

// Segments that lie may all be the whole file, and the file full of holes.
void look_for_sites(Bytes file, const std::vector<Elf64_Phdr>& segments, ProgramFile& program) {
    std::size_t left = std::size_t{1} << 30;
    SiteSearch search;
    for (const Elf64_Phdr& segment : segments) {
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
        const Bytes code = first(content(file, segment), left);
        search.look_through(code, segment.p_vaddr);
        left -= code.size();
    }
    program.any = search.any();
    program.sites = search.found();
}

}  // namespace

std::optional<ProgramFile> read_program_file(const std::string& path, Look look) {
    const MappedFile mapped{path};
    const Bytes file = mapped.bytes();
    Elf64_Ehdr header;
    std::vector<Elf64_Phdr> segments;
    if (!read_at(file, 0, header) || !is_program(header) ||
        !read_segments(file, header, segments)) {
        return {};
    }
    ProgramFile program;
    program.entry = header.e_entry;
    look_at_headers(file, segments, program);
    if (program.has_loader && look != Look::through_all) return program;
    if (is_gos(file, segments, program)) look_for_sites(file, segments, program);
    return program;
}

}  // namespace lastcall::go
