// What a server must not read: bytes behind the last request. Proves the position, and reads away.
// The reader's direction is claimed unless it says otherwise.
#pragma once

#include "calls.hpp"
#include "table.hpp"

namespace lastcall::behind {

inline constexpr std::size_t anything = 1U << 30;  // more than a socket ever holds
inline constexpr int most_rounds = 16;             // of discarding in one read that does not block

[[nodiscard]] inline bool claim(Slot slot) { return lastcall::claim(slot, slot.connection().in); }

inline void count_taken(Connection& connection, std::size_t size) {
    const std::uint64_t taken = connection.taken.load(std::memory_order_relaxed);
    connection.taken.store(taken + size, std::memory_order_relaxed);
}

// Bytes are about to be withheld: is it this socket and this position? If not, the connection is
// opaque.
[[nodiscard]] bool grant(Slot slot, int fd);

// Of `size` bytes read the last request's end with the first `delivered`: how many may the server
// have? more: something is behind them, there or in the socket.
[[nodiscard]] std::size_t withhold(Slot slot, int fd, std::size_t delivered, std::size_t size,
                                   bool more);

// Bytes have come behind the last request, and are out of the socket. True: they are thrown away,
// and with them all that is queued, since a server that reads little at a time may wait for an edge
// that has passed.
[[nodiscard]] bool discard(Slot slot, int fd, std::size_t size);

// The connection has turned opaque: must its server see the end of its input? May claim the output,
// and needs no other claim.
[[nodiscard]] bool ended(Slot slot, int fd);

// Before a close: reads away what is queued, lest the kernel reset the connection and destroy the
// response. Never waits. Not claimed.
void drain(Slot slot, int fd);

}  // namespace lastcall::behind
