// What the files of the surface share. They hold the exported functions and no decision: each looks
// its descriptor up, forwards at once if it means nothing to us, and else names the behaviour. The
// functions here serve the calls that libc offers under several names, `syscall` among them.
#pragma once

#include "calls.hpp"
#include "descriptors.hpp"
#include "egress.hpp"
#include "http2/incoming.hpp"
#include "http2/outgoing.hpp"
#include "ingress.hpp"
#include "next.hpp"
#include "table.hpp"

#define LASTCALL_EXPORT extern "C" [[gnu::visibility("default")]]

namespace lastcall::surface {

// ---- bytes ----

// Of the calls that have none: no register, and no question.
struct NoFlags {
    constexpr operator int() const { return 0; }
};

// definition: the next one, which takes the descriptor, the bytes and `rest`. A descriptor that
// means nothing to us costs a lookup and a jump; all else is kept out of its way. What only chooses
// among the functions here has no frame of its own: it ends with a jump. It asks of whichever life
// the memory has: what it chooses claims the slot's own.

template <auto& definition, typename Flags, typename... Rest>
[[gnu::noinline]] ssize_t receive_closely(int fd, void* to, std::size_t size, Slot slot,
                                          Flags flags, Rest... rest) {
    const iovec part{to, size};
    return ingress::receive_specially(slot, fd, {&part, 1}, flags,
                                      [&] { return definition(fd, to, size, rest...); });
}

template <auto& definition, typename Flags, typename... Rest>
[[gnu::noinline]] ssize_t receive_frames(int fd, void* to, std::size_t size, Slot slot, Flags flags,
                                         Rest... rest) {
    const std::uint64_t before = ingress::begin(slot.connection());
    const ssize_t got = definition(fd, to, size, rest...);
    if (incoming::arrived(slot, fd, to, got, before)) [[likely]]
        return got;
    return receive_closely<definition>(fd, to, size, slot, flags, rest...);
}

template <auto& definition, typename Flags, typename... Rest>
[[gnu::noinline]] ssize_t receive_specially(int fd, void* to, std::size_t size, Slot slot,
                                            Flags flags, Rest... rest) {
    if (size == 0) return definition(fd, to, size, rest...);  // says, or waits for, nothing of ours
    const bool plain = (flags & ~ingress::plain_flags) == 0;
    return plain && slot.connection().life.facts().speaks_http2()
               ? receive_frames<definition>(fd, to, size, slot, flags, rest...)
               : receive_closely<definition>(fd, to, size, slot, flags, rest...);
}

template <auto& definition, typename Flags, typename... Rest>
[[gnu::noinline]] ssize_t receive_followed(int fd, void* to, std::size_t size, Slot slot,
                                           Flags flags, Rest... rest) {
    const std::uint64_t before = ingress::begin(slot.connection());
    const ssize_t got = definition(fd, to, size, rest...);
    const ingress::Arrival arrival =
        ingress::arrived(slot, {fd, flags}, iovec{to, size}, got, before);
    if (!arrival.again) [[likely]]
        return arrival.delivered;
    return receive_specially<definition>(fd, to, size, slot, flags, rest...);
}

template <auto& definition, typename Flags, typename... Rest>
ssize_t receive(int fd, void* to, std::size_t size, Flags flags, Rest... rest) {
    const Slot slot = table::at(fd);
    if (!slot) [[likely]]
        return definition(fd, to, size, rest...);
    return ingress::is_special(slot.connection(), flags)
               ? receive_specially<definition>(fd, to, size, slot, flags, rest...)
               : receive_followed<definition>(fd, to, size, slot, flags, rest...);
}

template <auto& definition, typename Flags, typename... Rest>
[[gnu::noinline]] ssize_t transmit_closely(int fd, const void* from, std::size_t size, Slot slot,
                                           Flags flags, Rest... rest) {
    const iovec part{const_cast<void*>(from), size};
    return egress::transmit_specially(slot, fd, {&part, 1}, flags,
                                      [&] { return definition(fd, from, size, rest...); });
}

template <auto& definition, typename Flags, typename... Rest>
[[gnu::noinline]] ssize_t transmit_frames(int fd, const void* from, std::size_t size, Slot slot,
                                          Flags flags, Rest... rest) {
    const Offer::Ticket ticket = outgoing::begin(slot, flags, Shape::bytes, from, size);
    if (ticket == 0) [[unlikely]]
        return transmit_closely<definition>(fd, from, size, slot, flags, rest...);
    const ssize_t sent = definition(fd, from, size, rest...);
    outgoing::left(slot, from, sent, ticket);
    return sent;
}

template <auto& definition, typename Flags, typename... Rest>
[[gnu::noinline]] ssize_t transmit_specially(int fd, const void* from, std::size_t size, Slot slot,
                                             Flags flags, Rest... rest) {
    return slot.connection().life.facts().speaks_http2()
               ? transmit_frames<definition>(fd, from, size, slot, flags, rest...)
               : transmit_closely<definition>(fd, from, size, slot, flags, rest...);
}

template <auto& definition, typename... Rest>
[[gnu::noinline]] ssize_t transmit_followed(int fd, const void* from, std::size_t size, Slot slot,
                                            Rest... rest) {
    const Offer::Ticket ticket =
        slot.connection().offer.make(slot.life(), Shape::bytes, from, size);
    const ssize_t sent = definition(fd, from, size, rest...);
    egress::left(slot, fd, from, sent, ticket);
    return sent;
}

template <auto& definition, typename Flags, typename... Rest>
ssize_t transmit(int fd, const void* from, std::size_t size, Flags flags, Rest... rest) {
    const Slot slot = table::at(fd);
    if (!slot) [[likely]]
        return definition(fd, from, size, rest...);
    return egress::is_special(slot.connection(), flags)
               ? transmit_specially<definition>(fd, from, size, slot, flags, rest...)
               : transmit_followed<definition>(fd, from, size, slot, rest...);
}

template <auto& definition, typename... Rest>
[[gnu::noinline]] ssize_t receive_vector_followed(Slot slot, int fd, const iovec* parts, int count,
                                                  Rest... rest) {
    if (count <= 0) return definition(fd, parts, count, rest...);
    return ingress::receive(slot, fd, {parts, static_cast<std::size_t>(count)}, 0,
                            [&] { return definition(fd, parts, count, rest...); });
}

template <auto& definition, typename... Rest>
ssize_t receive_vector(int fd, const iovec* parts, int count, Rest... rest) {
    const Slot slot = table::at(fd);
    if (!slot) [[likely]]
        return definition(fd, parts, count, rest...);
    return receive_vector_followed<definition>(slot, fd, parts, count, rest...);
}

template <auto& definition, typename... Rest>
[[gnu::noinline]] ssize_t transmit_vector_followed(Slot slot, int fd, const iovec* parts, int count,
                                                   Rest... rest) {
    if (count <= 0) return definition(fd, parts, count, rest...);
    const Buffers out{parts, static_cast<std::size_t>(count)};
    const auto call = [&] { return definition(fd, parts, count, rest...); };
    if (egress::is_special(slot.connection(), 0)) {
        const Offered list = offered_list(out);
        const bool frames = slot.facts().speaks_http2();
        const Offer::Ticket ticket =
            frames ? outgoing::begin(slot, 0, list.shape, list.what, list.count) : 0;
        if (ticket == 0) return egress::transmit_list_specially(slot, fd, out, 0, call);
        const ssize_t sent = call();
        outgoing::left(slot, list, sent, ticket);
        return sent;
    }
    return egress::transmit(slot, fd, offered_list(out), call);
}

template <auto& definition, typename... Rest>
ssize_t transmit_vector(int fd, const iovec* parts, int count, Rest... rest) {
    const Slot slot = table::at(fd);
    if (!slot) [[likely]]
        return definition(fd, parts, count, rest...);
    return transmit_vector_followed<definition>(slot, fd, parts, count, rest...);
}

[[nodiscard]] ssize_t receive_message(int fd, msghdr* message, int flags, Call call);
[[nodiscard]] ssize_t transmit_message(int fd, const msghdr* message, int flags, Call call);
[[nodiscard]] int receive_messages(int fd, mmsghdr* messages, unsigned count, int flags,
                                   timespec* timeout);
[[nodiscard]] int transmit_messages(int fd, mmsghdr* messages, unsigned count, int flags);
[[nodiscard]] ssize_t send_file(int out, int in, off_t* offset, std::size_t count,
                                CountedCall call);
[[nodiscard]] ssize_t splice_pipe(int in, int out, std::size_t count, unsigned flags,
                                  CountedCall call);

// What a read has returned, told as the kernel would: at the end of a connection's bytes there is
// no sender, though the end be ours. length: of the sender's address; null if nobody asks for it.
[[nodiscard]] ssize_t without_sender_at_end(int fd, socklen_t* length, int flags);
inline ssize_t without_sender(int fd, socklen_t* length, int flags, ssize_t result) {
    if (result != 0) [[likely]]
        return result;
    return without_sender_at_end(fd, length, flags);
}

// ---- descriptors ----

template <typename Function>
int accept(const Function& call) {
    const auto fd = static_cast<int>(call());
    if (fd >= 0) born(fd);
    return fd;
}

template <typename Function>
int open(const Function& call) {
    const auto fd = static_cast<int>(call());
    renumbered(fd);
    return fd;
}

template <typename Function>
int open_pair(const int* pair, const Function& call) {
    const auto result = static_cast<int>(call());
    if (result == 0) renumbered(pair[0]);
    if (result == 0) renumbered(pair[1]);
    return result;
}

template <typename Function>
int forget_then(int fd, const Function& call) {
    if (table::at(fd)) [[unlikely]]
        forget(fd);
    return static_cast<int>(call());
}

// Will a copy of `from` take the number `to`? If not, what `to` means stays.
[[nodiscard]] bool may_be_replaced(int from, int to);

template <typename Function>
int duplicate(int from, const Function& call) {
    const auto to = static_cast<int>(call());
    if (to >= 0) renumbered(to);
    if (to >= 0) alias(from, to);
    return to;
}

template <typename Function>
int duplicate_over(int from, int to, const Function& call) {
    if (from == to || !may_be_replaced(from, to)) return static_cast<int>(call());
    forget(to);
    return duplicate(from, call);
}

[[nodiscard]] int connect(int fd, Call call);
[[nodiscard]] int peer_name(int fd, sockaddr* address, socklen_t* length, Call call);
[[nodiscard]] int shut_down(int fd, int how, Call call);
[[nodiscard]] int close_range(unsigned low, unsigned high, int flags, Call call);
[[nodiscard]] int listen(int fd, Call call);
[[nodiscard]] int control(int fd, int command, Call call);

}  // namespace lastcall::surface
