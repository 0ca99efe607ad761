// The build information (debug/buildinfo): 14 bytes by which it is known, the size of a pointer,
// flags. Since Go 1.18 the version's length and its bytes stand 32 bytes from the beginning;
// before, there was the address of its string, which is a pointer and a length.

#include "elf_go.hpp"

#include <array>
#include <cstring>

namespace lastcall::command {
namespace {

constexpr Bytes magic = "\xff Go build";  // then "inf:", apart so that we do not hold it
constexpr Bytes rest_of_magic = "inf:";
constexpr std::uint64_t flags_place = 15;
constexpr std::uint64_t pointer_place = 16;
constexpr std::uint64_t inline_place = 32;
constexpr std::size_t longest_version = 64;

// A section of Go's; the first for which `wanted` says so.
template <class Wanted>
std::optional<Elf64_Shdr> find_section(const Image& file, const Elf64_Ehdr& header,
                                       const Wanted& wanted) {
    const auto at = [&](std::uint64_t index) {
        return file.value<Elf64_Shdr>(header.e_shoff + index * sizeof(Elf64_Shdr));
    };
    if (header.e_shoff == 0 || header.e_shentsize != sizeof(Elf64_Shdr)) return {};
    const auto names = at(header.e_shstrndx);
    if (!names) return {};
    for (std::uint64_t i = 0; i < header.e_shnum; ++i) {
        const auto section = at(i);
        if (!section) return {};
        if (wanted(names->sh_offset + section->sh_name)) return section;
    }
    return {};
}

bool is_magic(const Image& file, std::uint64_t place) {
    return file.part(place, magic.size()) == magic &&
           file.part(place + magic.size(), rest_of_magic.size()) == rest_of_magic;
}

// Without sections: at a multiple of 16 in a segment that can be written.
std::optional<std::uint64_t> find_magic(const Image& file, const Segments& segments) {
    constexpr std::size_t most_places = 64;
    std::optional<std::uint64_t> found;
    static_cast<void>(file.any_place(magic, most_places, [&](std::uint64_t place) {
        if (place % 16 != 0 || !is_magic(file, place) || !is_writable(segments, place)) {
            return false;
        }
        found = place;
        return true;
    }));
    return found;
}

std::optional<std::uint64_t> find_information(const Image& file, const Elf64_Ehdr& header,
                                              const Segments& segments) {
    const auto section = find_section(
        file, header, [&](std::uint64_t name) { return file.has_string(name, ".go.buildinfo"); });
    if (section) return section->sh_offset;
    return segments.empty() ? std::nullopt : find_magic(file, segments);
}

// Seven bits a byte, the lowest first; a version's length takes one or two.
struct Length {
    std::uint64_t value;
    std::uint64_t bytes;
};

std::optional<Length> read_length(const Image& file, std::uint64_t place) {
    Length length{0, 0};
    for (; length.bytes < 2; ++length.bytes) {
        const auto byte = file.value<std::uint8_t>(place + length.bytes);
        if (!byte) return {};
        length.value |= std::uint64_t{*byte & 0x7fU} << (7 * length.bytes);
        if (*byte < 0x80) return Length{length.value, length.bytes + 1};
    }
    return {};
}

std::optional<std::string> inline_version(const Image& file, std::uint64_t place) {
    const auto length = read_length(file, place + inline_place);
    if (!length || length->value > longest_version) return {};
    return file.part(place + inline_place + length->bytes, length->value);
}

std::optional<std::string> pointed_version(const Image& file, const Segments& segments,
                                           std::uint64_t place) {
    const auto address = file.value<std::uint64_t>(place + pointer_place);
    const auto string = address ? place_of(segments, *address) : std::nullopt;
    if (!string) return {};
    const auto bytes = file.value<std::uint64_t>(*string);
    const auto size = file.value<std::uint64_t>(*string + sizeof(std::uint64_t));
    const auto text = bytes ? place_of(segments, *bytes) : std::nullopt;
    if (!text || !size || *size > longest_version) return {};
    return file.part(*text, *size);
}

bool is_version(Bytes text) {
    for (const char c : text) {
        if (c < ' ' || c > '~') return false;
    }
    return text.starts_with("go") || text.starts_with("devel");
}

}  // namespace

std::string read_go_version(const Image& file, const Segments& segments, std::uint64_t place) {
    constexpr unsigned big_endian = 1;
    constexpr unsigned is_inline = 2;
    const auto flags =
        is_magic(file, place) ? file.value<std::uint8_t>(place + flags_place) : std::nullopt;
    if (!flags || (*flags & big_endian) != 0) return {};
    const auto version = (*flags & is_inline) != 0 ? inline_version(file, place)
                                                   : pointed_version(file, segments, place);
    return version && is_version(*version) ? *version : std::string{};
}

void read_go(const Image& file, const Elf64_Ehdr& header, const Segments& segments, Elf& elf) {
    const auto place = find_information(file, header, segments);
    if (!place) return;
    elf.go = true;
    elf.go_version = read_go_version(file, segments, *place);
}

bool has_go_sections(const Image& file) {
    const auto header = file.value<Elf64_Ehdr>(0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return false;
    constexpr std::array<Bytes, 3> names{".go.buildinfo", ".gopclntab", ".data.rel.ro.gopclntab"};
    return find_section(file, *header,
                        [&](std::uint64_t place) {
                            for (const Bytes name : names) {
                                if (file.has_string(place, name)) return true;
                            }
                            return false;
                        })
        .has_value();
}

}  // namespace lastcall::command
