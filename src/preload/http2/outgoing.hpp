// What a server that speaks HTTP/2 writes: its own call, followed once the kernel has taken the
// bytes; but for the one in which the client is told to go.
#pragma once

#include "../calls.hpp"
#include "../table.hpp"

#include "talk.hpp"

#include <sys/socket.h>
#include <optional>

namespace lastcall::outgoing {

// Of a call on a connection that speaks HTTP/2; none: it does not any more, and nothing is done.
using Answer = std::optional<ssize_t>;

// A write with nothing about it that could not be said in another call of ours, or with something.
enum class Kind : std::uint8_t { plain, special };

[[nodiscard]] Answer transmit(Slot slot, int fd, const Offered& out, int flags, Kind kind,
                              Call call);
// The usual write, which goes as it is, on a connection that has been seen to speak HTTP/2: it is
// written down before its call. 0: this is none.
[[nodiscard]] inline Offer::Ticket begin(Slot slot, int flags, Shape shape, const void* what,
                                         std::size_t count) {
    Connection& connection = slot.connection();
    if ((flags & MSG_OOB) != 0 || !connection.out.claim(slot.generation())) return 0;
    const Talk* const talk = talk::of(connection);
    Offer::Ticket ticket = 0;
    if (talk != nullptr && !connection.offer.open() && !talk->conversation.has_to_say() &&
        connection.life.facts().speaks_http2()) {
        ticket = connection.offer.make(slot.life(), shape, what, count);
    }
    connection.out.release(slot.generation());
    return ticket;
}
// It has returned.
void left(Slot slot, const Offered& out, ssize_t result, Offer::Ticket ticket);
void left(Slot slot, const void* from, ssize_t result, Offer::Ticket ticket);

// Bytes that reach the socket unseen.
[[nodiscard]] Answer transmit_unseen(Slot slot, int fd, std::size_t count, CountedCall call);

// Before a close, or the end of the output: what is left of a frame of ours leaves, if it can.
void release(Slot slot, int fd);

}  // namespace lastcall::outgoing
