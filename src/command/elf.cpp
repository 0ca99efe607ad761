// The ELF header, the segments, and what is known by its bytes alone: Go's build info, OpenSSL's
// version text. The dynamic section has a file of its own.

#include "elf.hpp"

#include "elf_dynamic.hpp"

#include <elf.h>

namespace lastcall::command {
namespace {

constexpr std::size_t longest_path = 4096;
constexpr std::size_t most_segments = 512;  // real programs have a dozen

Elf damaged(Elf elf, const char* what) {
    elf.shape = Shape::damaged;
    elf.damage = what;
    return elf;
}

Shape shape_of(Bytes ident) {
    if (ident.size() < EI_NIDENT || !ident.starts_with(Bytes{ELFMAG, SELFMAG})) {
        return Shape::not_elf;
    }
    if (ident[EI_DATA] == ELFDATA2MSB) return Shape::other_order;
    if (ident[EI_CLASS] == ELFCLASS32) return Shape::other_class;
    if (ident[EI_CLASS] != ELFCLASS64 || ident[EI_DATA] != ELFDATA2LSB) return Shape::damaged;
    return Shape::program;
}

// Where the linker put Go's build information: a section of its own, or, without sections, at a
// multiple of 16 in a segment that can be written.
bool has_go_section(const Image& file, const Elf64_Ehdr& header) {
    const auto at = [&](std::uint64_t index) {
        return file.value<Elf64_Shdr>(header.e_shoff + index * sizeof(Elf64_Shdr));
    };
    if (header.e_shoff == 0 || header.e_shentsize != sizeof(Elf64_Shdr)) return false;
    const auto names = at(header.e_shstrndx);
    if (!names) return false;
    for (std::uint64_t i = 0; i < header.e_shnum; ++i) {
        const auto section = at(i);
        if (!section) return false;
        if (file.has_string(names->sh_offset + section->sh_name, ".go.buildinfo")) return true;
    }
    return false;
}

bool has_go_magic(const Image& file, const Segments& segments) {
    constexpr std::size_t most_places = 64;
    constexpr Bytes magic = "\xff Go build";  // then "inf:", apart so that we do not hold it
    return file.any_place(magic, most_places, [&](std::uint64_t place) {
        return place % 16 == 0 && file.part(place + magic.size(), 4) == "inf:" &&
               is_writable(segments, place);
    });
}

bool has_openssl_text(const Image& file) {
    constexpr std::size_t most_places = 4096;
    constexpr Bytes name = "OpenSSL ";
    return file.any_place(name, most_places, [&](std::uint64_t place) {
        const auto version = file.part(place + name.size(), 3);
        return version && is_digit((*version)[0]) && (*version)[1] == '.' &&
               is_digit((*version)[2]);
    });
}

// False: a segment lies outside.
bool read_segments(const Image& file, const Elf64_Ehdr& header, Segments& segments) {
    if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum > most_segments) return false;
    for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
        const auto segment = file.value<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr));
        if (!segment) return false;
        segments.push_back(*segment);
    }
    return header.e_phnum != 0;
}

}  // namespace

Elf read_elf(Bytes bytes) { return read_elf(MemoryImage{bytes}); }

Elf read_elf(const Image& file) {
    Elf elf;
    elf.shape = shape_of(file.part(0, EI_NIDENT).value_or(""));
    if (elf.shape == Shape::damaged) return damaged(elf, "its class or byte order is unknown");
    if (elf.shape != Shape::program) return elf;
    const auto header = file.value<Elf64_Ehdr>(0);
    if (!header) return damaged(elf, "its header is cut off");
    elf.machine = header->e_machine;
    if (header->e_type != ET_EXEC && header->e_type != ET_DYN) {
        elf.shape = Shape::not_a_program;
        return elf;
    }
    Segments segments;
    if (!read_segments(file, *header, segments)) return damaged(elf, "its segments are cut off");
    for (const Elf64_Phdr& segment : segments) {
        if (segment.p_type != PT_INTERP) continue;
        const bool fits = segment.p_filesz != 0 && segment.p_filesz <= longest_path;
        const auto path = fits ? file.part(segment.p_offset, segment.p_filesz) : std::nullopt;
        if (!path || path->back() != '\0') {
            return damaged(elf, "the name of its loader is cut off");
        }
        elf.interpreter = path->substr(0, path->find('\0'));
    }
    if (!read_dynamic(file, segments, elf)) {
        return damaged(elf, "its dynamic section points outside of it");
    }
    elf.go = has_go_section(file, *header) || has_go_magic(file, segments);
    elf.openssl_text = has_openssl_text(file);
    return elf;
}

}  // namespace lastcall::command
