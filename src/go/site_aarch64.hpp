// What stands at a place where Go calls the kernel on aarch64, what before it, and what behind it.
// In one piece it stands nowhere here, lest it be found in us.
#pragma once

#include "signature.hpp"
#include "site.hpp"

#include <array>
#include <cstddef>

namespace lastcall::go {

// What stands at every site: svc #0; cmn x0, #4095.
constexpr std::array<Byte, site_size> calls_kernel{0x01, 0x00, 0x00, 0xd4, 0x1f, 0xfc, 0x3f, 0xb1};

// ldr x8, x0, x1, x2, x3, x4 and x5, from [sp, #8] on. Here the words lie on the stack to this day;
// the places before Go 1.18 are not known.
constexpr Signature syscall6{
    {0xe8, 0x07, 0x40, 0xf9, 0xe0, 0x0b, 0x40, 0xf9, 0xe1, 0x0f, 0x40, 0xf9, 0xe2, 0x13,
     0x40, 0xf9, 0xe3, 0x17, 0x40, 0xf9, 0xe4, 0x1b, 0x40, 0xf9, 0xe5, 0x1f, 0x40, 0xf9},
    28,
    {},
    0};

constexpr std::array signatures{&syscall6};

// The first of the two bytes at a site that are as rare in code as any.
inline constexpr std::size_t rare_pair = 2;

}  // namespace lastcall::go
