// Addresses are those of memory; the loaded segments say where in the file they lie.

#include "elf_dynamic.hpp"

#include <algorithm>

namespace lastcall::command {
namespace {

constexpr std::size_t most_entries = 4096;  // real ones have some forty
constexpr std::size_t longest_name = 4096;

struct Tables {
    std::uint64_t strings = 0;
    std::uint64_t strings_size = 0;
    std::uint64_t symbols = 0;
    std::uint64_t hash = 0;
    std::vector<std::uint64_t> needed;  // offsets into the strings, as the next two
    std::optional<std::uint64_t> rpath;
    std::optional<std::uint64_t> runpath;
};

void note(const Elf64_Dyn& entry, Tables& tables) {
    const std::uint64_t value = entry.d_un.d_val;
    switch (entry.d_tag) {
        case DT_STRTAB: tables.strings = value; break;
        case DT_STRSZ: tables.strings_size = value; break;
        case DT_SYMTAB: tables.symbols = value; break;
        case DT_HASH: tables.hash = value; break;
        case DT_NEEDED: tables.needed.push_back(value); break;
        case DT_RPATH: tables.rpath = value; break;
        case DT_RUNPATH: tables.runpath = value; break;
        default: break;
    }
}

bool read_tables(const Image& file, const Elf64_Phdr& dynamic, Tables& tables) {
    const std::uint64_t entries =
        std::min<std::uint64_t>(dynamic.p_filesz / sizeof(Elf64_Dyn), most_entries);
    for (std::uint64_t i = 0; i < entries; ++i) {
        const auto entry = file.value<Elf64_Dyn>(dynamic.p_offset + i * sizeof(Elf64_Dyn));
        if (!entry) return false;
        if (entry->d_tag == DT_NULL) return true;
        note(*entry, tables);
    }
    return entries == dynamic.p_filesz / sizeof(Elf64_Dyn);
}

// How many there are is said nowhere but in the old hash table. Else: to where the strings begin,
// as linkers lay them out.
std::uint64_t symbol_count(const Image& file, const Segments& segments, const Tables& tables) {
    if (const auto hash = place_of(segments, tables.hash); tables.hash != 0 && hash) {
        const auto count = file.value<std::uint32_t>(*hash + 4);
        if (count) return *count;
    }
    if (tables.strings < tables.symbols) return 0;
    return (tables.strings - tables.symbols) / sizeof(Elf64_Sym);
}

void read_symbols(const Image& file, const Segments& segments, const Tables& tables,
                  const Image& strings, Elf& elf) {
    const auto place = place_of(segments, tables.symbols);
    if (!place) return;
    const std::uint64_t rest = file.size() - std::min(*place, file.size());
    const std::uint64_t most = std::min(rest, Image::most_part) / sizeof(Elf64_Sym);
    const std::uint64_t count = std::min(symbol_count(file, segments, tables), most);
    const auto bytes = file.part(*place, count * sizeof(Elf64_Sym));
    if (!bytes) return;
    const MemoryImage symbols{*bytes};
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto symbol = symbols.value<Elf64_Sym>(i * sizeof(Elf64_Sym));
        if (!symbol) return;
        const auto is = [&](Bytes name) { return strings.has_string(symbol->st_name, name); };
        const bool defined = symbol->st_shndx != SHN_UNDEF;
        if (!defined && (is("accept") || is("accept4"))) elf.imports_accept = true;
        if (defined && is("SSL_read")) elf.exports_tls = true;
    }
}

bool read_names(const Tables& tables, const Image& strings, Elf& elf) {
    for (const std::uint64_t offset : tables.needed) {
        const auto name = strings.string(offset, longest_name);
        if (!name) return false;
        elf.needed.push_back(*name);
    }
    const auto read = [&](std::optional<std::uint64_t> offset, std::string& path) {
        const auto text = offset ? strings.string(*offset, longest_name * 4) : std::string{};
        if (text) path = *text;
        return text.has_value();
    };
    return read(tables.rpath, elf.rpath) && read(tables.runpath, elf.runpath);
}

}  // namespace

std::optional<std::uint64_t> place_of(const Segments& segments, std::uint64_t address) {
    for (const Elf64_Phdr& segment : segments) {
        if (segment.p_type != PT_LOAD || address < segment.p_vaddr) continue;
        const std::uint64_t inside = address - segment.p_vaddr;
        if (inside < segment.p_filesz && segment.p_offset + inside >= inside) {
            return segment.p_offset + inside;
        }
    }
    return {};
}

bool is_writable(const Segments& segments, std::uint64_t place) {
    for (const Elf64_Phdr& segment : segments) {
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) == 0) continue;
        if (place >= segment.p_offset && place - segment.p_offset < segment.p_filesz) return true;
    }
    return false;
}

bool read_dynamic(const Image& file, const Segments& segments, Elf& elf) {
    for (const Elf64_Phdr& segment : segments) {
        if (segment.p_type != PT_DYNAMIC) continue;
        Tables tables;
        if (!read_tables(file, segment, tables)) return false;
        const auto place = place_of(segments, tables.strings);
        const auto strings = place ? file.part(*place, tables.strings_size) : std::nullopt;
        if (!strings) return false;
        const MemoryImage names{*strings};
        if (!read_names(tables, names, elf)) return false;
        read_symbols(file, segments, tables, names, elf);
        return true;
    }
    return true;
}

}  // namespace lastcall::command
