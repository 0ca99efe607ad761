// Bytes in: follows what reads return, and keeps what is behind the last request from the server.
// Knows nothing of HTTP but what the conversation answers.
#pragma once

#include "calls.hpp"
#include "http1/intake.hpp"
#include "table.hpp"

#include <sys/socket.h>

namespace lastcall::ingress {

// Flags under which a read takes the next bytes of the stream into the buffers, and nothing else.
inline constexpr int plain_flags = MSG_DONTWAIT | MSG_WAITALL | MSG_NOSIGNAL | MSG_CMSG_CLOEXEC;

using intake::Arrival;
using intake::ReadCall;

// Before a read: where the bytes it brings would begin.
[[nodiscard]] inline std::uint64_t begin(Connection& connection) {
    connection.asked.store(true, std::memory_order_relaxed);
    return connection.taken.load(std::memory_order_relaxed);
}
// It has returned; result: what.
[[nodiscard]] Arrival arrived(Slot slot, ReadCall by, Buffers in, ssize_t result,
                              std::uint64_t before);
// The same, of a call with one buffer.
[[nodiscard]] Arrival arrived(Slot slot, ReadCall by, iovec room, ssize_t result,
                              std::uint64_t before);

// Is the read not plain, or its connection opaque or behind its last request?
[[nodiscard]] inline bool is_special(const Connection& connection, int flags) {
    return (flags & ~plain_flags) != 0 || connection.life.facts().special_to_reads();
}
[[nodiscard]] ssize_t receive_specially(Slot slot, int fd, const Buffers& in, int flags, Call call);
// A peek shows nothing behind the last request, and moves nothing. One from an offset shows bytes
// that we cannot place, and so all of them.
[[nodiscard]] ssize_t peek(Slot slot, int fd, const Buffers& in, Call call);

// A read of a connection; call: the real one, for these buffers and flags. The buffers are looked
// at only after it.
template <typename Function>
ssize_t receive(Slot slot, int fd, const Buffers& in, int flags, const Function& call) {
    Connection& connection = slot.connection();
    if (is_special(connection, flags)) [[unlikely]]
        return receive_specially(slot, fd, in, flags, call);
    const std::uint64_t before = begin(connection);
    const ssize_t result = call();
    const Arrival arrival = arrived(slot, {fd, flags}, in, result, before);
    if (arrival.again) [[unlikely]]
        return receive_specially(slot, fd, in, flags, call);
    return arrival.delivered;
}

// recvmmsg, if not special; call: the real one. 0 if it received, but nothing for the server.
[[nodiscard]] int receive_each(Slot slot, ReadCall by, mmsghdr* messages, Call call);

// Bytes that leave the socket unseen, by splice.
[[nodiscard]] ssize_t splice_from(Slot slot, int fd, std::size_t count, CountedCall call);

}  // namespace lastcall::ingress
