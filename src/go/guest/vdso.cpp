// Its tables are found by its dynamic segment. How many symbols there are stands in a hash table,
// of which there are two kinds; but the names begin where the symbols end.

#include "vdso.hpp"

#include <lastcall/bytes.hpp>

#include <elf.h>
#include <cstdint>

namespace lastcall::go {
namespace {

constexpr Bytes name = "__vdso_clock_gettime";
// On aarch64 a signal handler of Go's that finds its thread in the kernel's library takes g from
// where Go's own calls of it leave one. It would find none, and end the process.
#if defined(__aarch64__)
constexpr bool may_be_called = false;
#else
constexpr bool may_be_called = true;
#endif

struct Tables {
    std::uint64_t symbols = 0;
    std::uint64_t names = 0;
    std::uint64_t names_size = 0;
};

Tables read_dynamic(const Elf64_Dyn* entry, std::uint64_t moved) {
    Tables tables;
    for (; entry->d_tag != DT_NULL; ++entry) {
        if (entry->d_tag == DT_SYMTAB) tables.symbols = moved + entry->d_un.d_ptr;
        if (entry->d_tag == DT_STRTAB) tables.names = moved + entry->d_un.d_ptr;
        if (entry->d_tag == DT_STRSZ) tables.names_size = entry->d_un.d_val;
    }
    return tables;
}

// 0 if there is none of that name.
std::uint64_t find(const Tables& tables) {
    if (tables.symbols == 0) return 0;
    const Bytes names{reinterpret_cast<const char*>(tables.names), tables.names_size};
    for (std::uint64_t at = tables.symbols; at + sizeof(Elf64_Sym) <= tables.names;
         at += sizeof(Elf64_Sym)) {
        const auto& symbol = *reinterpret_cast<const Elf64_Sym*>(at);
        const Bytes found = from(names, symbol.st_name);
        const bool same = found.starts_with(name) && first(found, name.size() + 1).back() == '\0';
        if (same && symbol.st_shndx != SHN_UNDEF) return symbol.st_value;
    }
    return 0;
}

}  // namespace

ClockGettime find_clock_gettime(unsigned long base) {
    if (base == 0 || !may_be_called) return nullptr;
    const auto& header = *reinterpret_cast<const Elf64_Ehdr*>(base);
    const auto* const segments = reinterpret_cast<const Elf64_Phdr*>(base + header.e_phoff);
    const Elf64_Phdr* dynamic = nullptr;
    std::uint64_t moved = 0;
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        const Elf64_Phdr& segment = segments[i];
        if (segment.p_type == PT_LOAD) moved = base + segment.p_offset - segment.p_vaddr;
        if (segment.p_type == PT_DYNAMIC) dynamic = &segment;
    }
    if (dynamic == nullptr) return nullptr;
    const auto* const entries = reinterpret_cast<const Elf64_Dyn*>(base + dynamic->p_offset);
    const std::uint64_t place = find(read_dynamic(entries, moved));
    return place == 0 ? nullptr : reinterpret_cast<ClockGettime>(moved + place);
}

}  // namespace lastcall::go
