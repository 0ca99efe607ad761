// The ELF header, the segments, and what is known by its bytes alone: OpenSSL's version text. The
// dynamic section and Go's build information have files of their own.

#include "elf.hpp"

#include "elf_dynamic.hpp"
#include "elf_go.hpp"

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

Elf read_elf(const Image& file, Reading reading) {
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
    // Of a static one there is no quicker way to know.
    const bool search = reading == Reading::whole || elf.interpreter.empty();
    read_go(file, *header, search ? segments : Segments{}, elf);
    elf.openssl_text = reading == Reading::whole && has_openssl_text(file);
    return elf;
}

}  // namespace lastcall::command
