// What is done to a connection's output, by whoever has claimed that direction: count, identify,
// let go, half-close. The parts of egress that have more than one caller.
#pragma once

#include "table.hpp"

namespace lastcall::outlet {

// Never waits; a failure has been dealt with.
[[nodiscard]] inline bool claim(Slot slot) { return lastcall::claim(slot, slot.connection().out); }
inline void release(Slot slot) { slot.connection().out.release(slot.generation()); }

inline void count_sent(Connection& connection, std::size_t size) {
    const std::uint64_t sent = connection.sent.load(std::memory_order_relaxed);
    connection.sent.store(sent + size, std::memory_order_release);
}

// Is the descriptor still the connection's socket? If not, the connection is opaque.
[[nodiscard]] bool is_same(Connection& connection, int fd);

// The edit is abandoned, and bytes held back leave as the server wrote them. False, with errno:
// they could not all leave now; the rest goes before the server's next bytes.
[[nodiscard]] bool send_held(Connection& connection, int fd);

// Before bytes that will not be followed: a close field of which a part has left is finished, lest
// they stand in the middle of it. False, with errno: it cannot be now.
[[nodiscard]] bool finish_field(Connection& connection, int fd);

// If the server is to be given no more input, sees to it that whoever waits for some, blocked in a
// read or by a poller, is woken. To be called wherever a connection may have turned opaque.
void shut_input(Connection& connection, int fd);
inline void end_input(Connection& connection, int fd) {
    if (connection.cut()) [[unlikely]]
        shut_input(connection, fd);
}

// The whole last response has been sent: says FIN, which also wakes every poller of the socket.
void tear_down(Connection& connection, int fd);

}  // namespace lastcall::outlet
