// Bytes out, in three words: offered by the server, accepted (what it is told), sent (what the
// kernel took). Only this file and its own know that they can differ.
#pragma once

#include "calls.hpp"
#include "table.hpp"

#include <sys/socket.h>

namespace lastcall::egress {

// Flags that can go with an edited response; under others the server's call must be made as it is.
inline constexpr int plain_flags =
    MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE | MSG_EOR | MSG_DONTROUTE | MSG_CONFIRM;

// A write has returned: the kernel took the first bytes of the buffers, if any.
void left(Slot slot, int fd, Buffers out, ssize_t result, std::uint16_t ticket);
// The same, of a call with one buffer.
void left(Slot slot, int fd, const void* from, ssize_t result, std::uint16_t ticket);

// Is the write not plain, its connection opaque, or its last exchange picked?
[[nodiscard]] inline bool is_special(const Connection& connection, int flags) {
    return (flags & ~plain_flags) != 0 || !connection.followed() ||
           connection.exchanges.last() != 0;
}

// Writes of a connection whose last exchange has been picked, opaque ones, and special ones.
[[nodiscard]] ssize_t transmit_specially(Slot slot, int fd, Buffers out, int flags, Call call);
// The same, of buffers in a list that is the server's.
[[nodiscard]] ssize_t transmit_list_specially(Slot slot, int fd, Buffers out, int flags, Call call);

// A write on a connection; call: the real one, for these buffers and flags. Before the last
// exchange has been picked the buffers are looked at only after it.
template <typename Function>
ssize_t transmit(Slot slot, int fd, const Buffers& out, int flags, const Function& call) {
    Connection& connection = slot.connection();
    if (is_special(connection, flags)) [[unlikely]]
        return transmit_list_specially(slot, fd, out, flags, call);
    const std::uint16_t ticket = connection.out.begin_call();
    const ssize_t result = call();
    left(slot, fd, out, result, ticket);
    return result;
}

// Bytes that reach the socket unseen, by sendfile or splice. drop: takes as many from where they
// are and lets them go nowhere.
[[nodiscard]] ssize_t transmit_unseen(Slot slot, int fd, std::size_t count, CountedCall call,
                                      CountedCall drop);

// Before a close: what has been accepted and is held back, leaves.
void release_held(Slot slot, int fd);
// The connection turns opaque; what is held back leaves first. False, with errno: it cannot now,
// and nothing else may either.
bool let_go(Slot slot, int fd, Opaque reason);
// Have we half-closed? The server must not learn of it from an error.
[[nodiscard]] bool torn_down(Slot slot, int fd);

}  // namespace lastcall::egress
