// Connections whose clients have been told to go and that nobody may ever call for again: looked at
// in other calls of the process, a few at a time, and ended when nobody would miss them. Without
// one this is a load and a branch.
#pragma once

#include "../guest.hpp"
#include "../table.hpp"

namespace lastcall::farewell {

// Its client has just been told. The output is claimed.
void add(Slot slot, int fd);

// The connection's last descriptor is closed. Has its client gone as it had been told?
void count_left(Slot slot);

// When the first of them is to be looked at; 0: there is none.
[[gnu::visibility("hidden")]] extern constinit std::atomic<Moment> next_look;
[[gnu::cold]] void look_round(Moment now);
// No direction is claimed, and none of the caller's calls is under way. Keeps errno.
inline void look() {
    const Moment next = next_look.load(std::memory_order_relaxed);
    if (next == 0) [[likely]]
        return;
    if (const Moment now = guest::now(); now >= next) look_round(now);
}

}  // namespace lastcall::farewell
