// A stub, and the jump to it, in x86-64's instructions.
#pragma once

#include "../site.hpp"

#include <cstddef>
#include <cstdint>

namespace lastcall::go {

constexpr std::uint64_t page_size() { return 4096; }
inline constexpr std::uint64_t reach = std::uint64_t{1} << 31;

struct [[gnu::packed]] Stub {
    std::uint8_t lea[3] = {0x4c, 0x8d, 0x1d};  // lea call(%rip), %r11
    std::int32_t to_call = 6;
    std::uint8_t jump_far[2] = {0xff, 0x25};  // jmp *trampoline(%rip)
    std::int32_t to_trampoline = 13;
    std::uint8_t call[site_size] = {0x0f, 0x05, 0x48, 0x3d, 0x01, 0xf0, 0xff, 0xff};
    std::uint8_t jump = 0xe9;  // jmp behind the site
    std::int32_t back = 0;
    std::uint64_t trampoline = 0;
};
static_assert(offsetof(Stub, call) == 13 && offsetof(Stub, trampoline) == 26);

// The comparison cannot stay: the jump is longer than the call.
struct [[gnu::packed]] Patch {
    std::uint8_t jump = 0xe9;
    std::int32_t to_stub = 0;
    std::uint8_t never[3] = {0xcc, 0xcc, 0xcc};
};
static_assert(sizeof(Patch) == site_size);

// A displacement from the end of an instruction.
inline std::int32_t distance(std::uint64_t from, std::uint64_t to) {
    return static_cast<std::int32_t>(to - from);
}

// own: where the stub will lie.
inline Stub make_stub(std::uint64_t own, std::uint64_t site, std::uint64_t trampoline) {
    Stub stub;
    stub.back = distance(own + offsetof(Stub, trampoline), site + site_size);
    stub.trampoline = trampoline;
    return stub;
}

inline Patch make_patch(std::uint64_t site, std::uint64_t stub) {
    Patch patch;
    patch.to_stub = distance(site + offsetof(Patch, never), stub);
    return patch;
}

// The processor sees by itself that instructions have changed.
inline void is_code_now(std::uint64_t, std::size_t) {}

}  // namespace lastcall::go
