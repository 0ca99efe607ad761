// Connections whose clients have been told to go and that nobody may ever call for again: looked at
// in other calls of the process, a few at a time, and ended when nobody would miss them. Without
// one this is a load and a branch.
#pragma once

#include "../table.hpp"

namespace lastcall::farewell {

// Its client has just been told. The output is claimed.
void add(Slot slot, int fd);

// The connection's last descriptor is closed. Has its client gone as it had been told?
void count_left(Slot slot);

[[gnu::visibility("hidden")]] extern constinit std::atomic<bool> any;
[[gnu::cold]] void look_round();
// No direction is claimed, and none of the caller's calls is under way. Keeps errno.
inline void look() {
    if (any.load(std::memory_order_relaxed)) [[unlikely]]
        look_round();
}

}  // namespace lastcall::farewell
