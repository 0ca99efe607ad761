// The stacks that are lent to the guest, a call each: a goroutine's own is too small, and its
// thread's belongs to the scheduler. What libc would keep with the thread, errno first, lies at the
// top of the stack.
#pragma once

#include "../../preload/own_thread.hpp"

#include <cstddef>
#include <cstdint>

namespace lastcall::go {

// The top of a stack. Offsets are known to the assembly.
struct alignas(64) LentStack {
    std::uint32_t taken = 0;
    int error = 0;                  // errno
    void* callers_stack = nullptr;  // the stack pointer to go back to
    ThreadMemory thread;
};
static_assert(sizeof(LentStack) == 64);

inline constexpr std::size_t stack_size = 65536;  // and where one begins
#ifdef LASTCALL_STACKS
inline constexpr std::size_t stack_count = LASTCALL_STACKS;
#else
inline constexpr std::size_t stack_count = 256;
#endif

// The stack that this code runs on.
[[nodiscard]] LentStack& lent_stack();

}  // namespace lastcall::go
