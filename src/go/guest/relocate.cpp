// Does for this file, where no loader has, what a loader would: empties the part of its last page
// that is not the file's, and moves the few pointers that it holds. (elf(5), Elf64_Rela)

#include "start.hpp"

#include <elf.h>

extern "C" {
[[gnu::visibility("hidden")]] extern char __ehdr_start[];
[[gnu::visibility("hidden")]] extern char __bss_start[];
[[gnu::visibility("hidden")]] extern char _end[];
[[gnu::visibility("hidden")]] extern const Elf64_Dyn _DYNAMIC[];
}

namespace {

// The largest there is: what lies behind a smaller one is zero already.
#if defined(__x86_64__)
constexpr std::uint64_t page_size = 4096;
constexpr std::uint64_t relative = R_X86_64_RELATIVE;
#elif defined(__aarch64__)
constexpr std::uint64_t page_size = 65536;
constexpr std::uint64_t relative = R_AARCH64_RELATIVE;
#endif

}  // namespace

void lastcall_go_relocate() {
    const auto base = reinterpret_cast<std::uint64_t>(__ehdr_start);
    const auto bss = reinterpret_cast<std::uint64_t>(__bss_start);
    const auto end = reinterpret_cast<std::uint64_t>(_end);
    const std::uint64_t page_end = (bss + page_size - 1) & ~(page_size - 1);
    for (std::uint64_t at = bss; at < page_end && at < end; ++at) {
        *reinterpret_cast<volatile char*>(at) = 0;
    }
    std::uint64_t table = 0;
    std::uint64_t size = 0;
    for (const Elf64_Dyn* entry = _DYNAMIC; entry->d_tag != DT_NULL; ++entry) {
        if (entry->d_tag == DT_RELA) table = base + entry->d_un.d_ptr;
        if (entry->d_tag == DT_RELASZ) size = entry->d_un.d_val;
    }
    for (std::uint64_t at = table; at < table + size; at += sizeof(Elf64_Rela)) {
        const auto& moved = *reinterpret_cast<const Elf64_Rela*>(at);
        if (ELF64_R_TYPE(moved.r_info) != relative) continue;
        *reinterpret_cast<std::uint64_t*>(base + moved.r_offset) =
            base + static_cast<std::uint64_t>(moved.r_addend);
    }
}
