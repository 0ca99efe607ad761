// Memory for connections and desks: mapped in slabs, given back to a list, never to the system, so
// a thread that comes late still finds a connection there, if not its own. No heap.
#pragma once

#include "connection.hpp"

namespace lastcall {

struct Talk;

namespace pool {

// A connection new but for its identity, with one alias; null when memory or the pool is spent.
[[nodiscard]] Connection* take_connection();
void give_back(Connection& connection);

[[nodiscard]] Desk* take_desk();
void give_back(Desk& desk);

[[nodiscard]] Talk* take_talk();
[[nodiscard]] Talk& talk_at(std::uint32_t index);
void give_back(Talk& talk);

// A note that a client has been told to go.
struct Told {
    std::uint64_t slot = 0;  // as its bits
    Moment due = 0;          // when to look at it
    Told* after = nullptr;   // in the queue of those to be looked at
    int fd = -1;
    std::uint32_t index = 0;  // in the pool
    std::atomic<std::uint32_t> next_free = 0;
};
[[nodiscard]] Told* take_told();
void give_back(Told& told);
// From any thread to the one that looks.
void hand_in(Told& told);
void take_handed_in(void (*use)(Told&));

}  // namespace pool
}  // namespace lastcall
