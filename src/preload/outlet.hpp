// What is done to a connection's output, by whoever has claimed that direction: count, identify,
// let go, half-close. The parts of egress that have more than one caller.
#pragma once

#include "kernel.hpp"
#include "table.hpp"

namespace lastcall::outlet {

// A failure has been dealt with.
[[nodiscard]] inline bool claim(Slot slot) { return lastcall::claim(slot, slot.connection().out); }
inline void release(Slot slot) { slot.connection().out.release(slot.generation()); }

inline void count_sent(Connection& connection, std::size_t size) {
    const std::uint64_t sent = connection.sent.load(std::memory_order_relaxed);
    connection.sent.store(sent + size, std::memory_order_release);
}

// What the responses have come to becomes fact, and brings about what it must.
void conclude(Slot slot, int fd);

// The edit is abandoned, and bytes held back leave as the server wrote them. False, with errno:
// they could not all leave now; the rest goes before the server's next bytes.
[[nodiscard]] bool send_held(Slot slot, int fd);

// Before bytes that will not be followed: a close field of which a part has left is finished, lest
// they stand in the middle of it. False, with errno: it cannot be now.
[[nodiscard]] bool finish_field(Slot slot, int fd);

// ---- without a claim ----

// What the desk has planned, in one call. more: MSG_MORE, if something of ours follows at once; the
// server's flags go with it.
[[nodiscard]] ssize_t send_batch(Desk& desk, int fd, int flags, int more);
// A filter of system calls that knows the server's own call may not know the one made in its place.
[[nodiscard]] bool is_forbidden(int error);

// Is what we have counted what has gone through the socket, and does nobody else write? Then bytes
// of ours may; if not, the connection is opaque. The output is claimed.
[[nodiscard]] bool prove(Slot slot, int fd);
// The same, whichever process has come this far with it.
[[nodiscard]] kernel::Proof prove_position(Slot slot, int fd);

// Is the descriptor still the connection's socket? If not, the connection is opaque.
[[nodiscard]] bool is_same(Slot slot, int fd);

// Have we half-closed this socket? Then the server must not learn of it from an error.
[[nodiscard]] inline bool is_torn_down(Slot slot, int fd) {
    return slot.facts().is(Fact::torn_down) && is_same(slot, fd);
}

// ---- with either direction claimed: whoever closes the number waits for both ----

// Is the number the connection's, and will it be until the claim is released? Not if another thread
// is about to close it, and came before the claim. If not, the connection is opaque.
[[nodiscard]] bool is_kept(Slot slot, int fd);

// If the server is to be given no more input, sees to it that whoever waits for some, blocked in a
// read or by a poller, is woken. To be called wherever a connection may have turned opaque.
void shut_input(Slot slot, int fd);
inline void end_input(Slot slot, int fd) {
    if (slot.facts().cut()) [[unlikely]]
        shut_input(slot, fd);
}

// The whole last response has been sent: says FIN, which also wakes every poller of the socket.
void tear_down(Slot slot, int fd);
// The same where the server said close, and so may close by itself: whoever throws input away owes
// the end. To be called by whoever has stated one of the two facts.
void tear_down_owed(Slot slot, int fd);

}  // namespace lastcall::outlet
