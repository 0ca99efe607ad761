// Bytes in: follows what reads return, and keeps what is behind the last request from the server.
// Knows nothing of HTTP but what the conversation answers.
#pragma once

#include "calls.hpp"
#include "table.hpp"

#include <sys/socket.h>

namespace lastcall::ingress {

// Flags under which a read takes the next bytes of the stream into the buffers, and nothing else.
inline constexpr int plain_flags = MSG_DONTWAIT | MSG_WAITALL | MSG_NOSIGNAL | MSG_CMSG_CLOEXEC;

// What a read may tell the server it returned. result: what it did return.
struct Arrival {
    ssize_t delivered;
    bool again;  // nothing: the read goes on
};
[[nodiscard]] Arrival arrived(Slot slot, int fd, Buffers in, ssize_t result, std::uint16_t ticket);
// The same, of a call with one buffer.
[[nodiscard]] Arrival arrived(Slot slot, int fd, iovec room, ssize_t result, std::uint16_t ticket);

// Is the read not plain, or its connection opaque or behind its last request?
[[nodiscard]] inline bool is_special(const Connection& connection, int flags) {
    return (flags & ~plain_flags) != 0 || !connection.followed() ||
           connection.input_over.load(std::memory_order_relaxed);
}
[[nodiscard]] ssize_t receive_specially(Slot slot, int fd, const Buffers& in, int flags, Call call);

// A read of a connection; call: the real one, for these buffers and flags. The buffers are looked
// at only after it.
template <typename Function>
ssize_t receive(Slot slot, int fd, const Buffers& in, int flags, const Function& call) {
    Connection& connection = slot.connection();
    if (is_special(connection, flags)) [[unlikely]]
        return receive_specially(slot, fd, in, flags, call);
    const std::uint16_t ticket = connection.in.begin_call();
    const ssize_t result = call();
    const Arrival arrival = arrived(slot, fd, in, result, ticket);
    if (arrival.again) [[unlikely]]
        return receive_specially(slot, fd, in, flags, call);
    return arrival.delivered;
}

// recvmmsg, if not special; call: the real one. 0 if it received, but nothing for the server.
[[nodiscard]] int receive_each(Slot slot, int fd, mmsghdr* messages, Call call);

// Bytes that leave the socket unseen, by splice.
[[nodiscard]] ssize_t splice_from(Slot slot, int fd, std::size_t count, CountedCall call);

}  // namespace lastcall::ingress
