// A stub, and the jump to it, in aarch64's instructions; and what its caches have to be told.
#pragma once

#include "../site.hpp"
#include "process.hpp"

#include <cstddef>
#include <cstdint>

namespace lastcall::go {

// 4, 16 or 64 KiB: the kernel's choice.
inline std::uint64_t page_size() { return auxiliary(process, AT_PAGESZ); }
inline constexpr std::uint64_t reach = std::uint64_t{1} << 27;

// b: a distance in instructions.
inline std::uint32_t jump(std::uint64_t from, std::uint64_t to) {
    constexpr std::uint32_t distance = (std::uint32_t{1} << 26) - 1;
    return 0x14000000 | (static_cast<std::uint32_t>((to - from) / 4) & distance);
}

struct Stub {
    std::uint32_t adr = 0x10000071;   // adr x17, call
    std::uint32_t load = 0x580000b0;  // ldr x16, trampoline
    std::uint32_t far = 0xd61f0200;   // br x16
    std::uint32_t call = 0xd4000001;  // svc #0
    std::uint32_t back = 0;           // b behind the site's call
    std::uint32_t never = 0;          // udf
    std::uint64_t trampoline = 0;
};
static_assert(offsetof(Stub, call) == 12 && offsetof(Stub, trampoline) == 24);
static_assert(sizeof(Stub) == 32);

// In the place of the call alone.
struct Patch {
    std::uint32_t jump = 0;
};

// own: where the stub will lie.
inline Stub make_stub(std::uint64_t own, std::uint64_t site, std::uint64_t trampoline) {
    Stub stub;
    stub.back = jump(own + offsetof(Stub, back), site + sizeof(Patch));
    stub.trampoline = trampoline;
    return stub;
}

inline Patch make_patch(std::uint64_t site, std::uint64_t stub) { return {jump(site, stub)}; }

// What was written reaches memory, and old instructions are forgotten. (Arm ARM, B2.4.4; the lines'
// sizes are powers of two, in words.)
inline void is_code_now(std::uint64_t start, std::size_t size) {
    std::uint64_t kind = 0;
    asm volatile("mrs %0, ctr_el0" : "=r"(kind));
    const std::uint64_t data_line = std::uint64_t{4} << ((kind >> 16) & 15);
    const std::uint64_t code_line = std::uint64_t{4} << (kind & 15);
    const std::uint64_t end = start + size;
    for (std::uint64_t at = start & ~(data_line - 1); at < end; at += data_line) {
        asm volatile("dc cvau, %0" : : "r"(at) : "memory");
    }
    asm volatile("dsb ish" : : : "memory");
    for (std::uint64_t at = start & ~(code_line - 1); at < end; at += code_line) {
        asm volatile("ic ivau, %0" : : "r"(at) : "memory");
    }
    asm volatile("dsb ish; isb" : : : "memory");
}

}  // namespace lastcall::go
