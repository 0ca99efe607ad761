// Bytes out, in three words: offered by the server, accepted (what it is told), sent (what the
// kernel took). Only this file and its own know that they can differ.
#pragma once

#include "calls.hpp"
#include "table.hpp"

#include <sys/socket.h>
#include <optional>

namespace lastcall::egress {

// Flags that can go with an edited response; under others the server's call must be made as it is.
inline constexpr int plain_flags =
    MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE | MSG_EOR | MSG_DONTROUTE | MSG_CONFIRM;

// A write that its offer's ticket names has returned: the kernel took the first bytes, if any.
void left(Slot slot, int fd, const Offered& out, ssize_t result, Offer::Ticket ticket);
// The same, of a call with one buffer.
void left(Slot slot, int fd, const void* from, ssize_t result, Offer::Ticket ticket);

// Is the write not plain, its connection opaque, its last exchange picked, or another write not
// accounted for yet?
[[nodiscard]] inline bool is_special(const Connection& connection, int flags) {
    return (flags & ~plain_flags) != 0 || !connection.followed() ||
           connection.exchanges.last() != 0 || connection.offer.open();
}

// Opaque, with nothing of ours under way.
[[nodiscard]] bool is_forwarded(Slot slot);

// On a connection that speaks HTTP/2; none: it does not. control: the call carries more than bytes.
[[nodiscard]] std::optional<ssize_t> transmit_frames(Slot slot, int fd, const Offered& out,
                                                     int flags, bool control, Call call);

// Such writes.
[[nodiscard]] ssize_t transmit_specially(Slot slot, int fd, Buffers out, int flags, Call call);
// The same, of buffers in a list that is the server's.
[[nodiscard]] ssize_t transmit_list_specially(Slot slot, int fd, Buffers out, int flags, Call call);
// May they go as the server offered them, in one call, and be followed once they have gone? Before
// the last exchange, and behind its head, if nobody's write is under way.
[[nodiscard]] bool is_verbatim(Slot slot, int flags);
// The same, once what another thread has left undone is done.
[[nodiscard]] bool takes_all(Slot slot, int fd, int flags);

// A write on a connection that is not special; call: the real one. What was offered is looked at
// only after it.
template <typename Function>
ssize_t transmit(Slot slot, int fd, const Offered& out, const Function& call) {
    const Offer::Ticket ticket =
        slot.connection().offer.make(slot.life(), out.shape, out.what, out.count);
    const auto result = static_cast<ssize_t>(call());
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

}  // namespace lastcall::egress
