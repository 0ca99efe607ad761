// What a thread remembers from call to call. The library keeps it with the thread; where the guest
// has no thread register to ask, it lies at the top of the stack that a call was lent, and is gone
// with the call.
#pragma once

#include <cstdint>

namespace lastcall {

struct ThreadMemory {
    std::uint64_t name = 0;  // the process, and the thread's id in it (owner.cpp)
    // The connections there had been at its last waits (patience.hpp).
    std::uint32_t births_at_poll = 0;
    std::uint32_t births_at_wait = 0;
    std::uint32_t births_at_select = 0;
    int closing = -1;  // a number that it is about to close, whose place is empty (descriptors.cpp)
};

#ifdef LASTCALL_LENT_STACKS
[[nodiscard]] ThreadMemory& own_thread();
#else
[[gnu::visibility("hidden")]] extern constinit thread_local ThreadMemory thread_memory;
[[nodiscard]] inline ThreadMemory& own_thread() { return thread_memory; }
#endif

}  // namespace lastcall
