// The file is mapped, since most of it is not looked at, and large ones are common.

#include "program_file.hpp"

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

// A segment of notes, one behind the other, each at a multiple of its alignment. (elf(5))
bool has_go_note(Bytes notes, std::uint64_t alignment) {
    constexpr Bytes name{"Go\0\0", 4};
    constexpr Elf64_Word build_id = 4;
    const auto aligned = [&](std::uint64_t size) {
        return alignment == 8 ? (size + 7) & ~std::uint64_t{7} : (size + 3) & ~std::uint64_t{3};
    };
    Elf64_Nhdr note;
    while (read_at(notes, 0, note)) {
        const Bytes named = first(from(notes, sizeof note), note.n_namesz);
        if (note.n_type == build_id && named == name) return true;
        notes = from(notes, aligned(sizeof note + note.n_namesz) + aligned(note.n_descsz));
    }
    return false;
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
    if (!program.has_loader || look == Look::through_all) look_for_sites(file, segments, program);
    return program;
}

}  // namespace lastcall::go
