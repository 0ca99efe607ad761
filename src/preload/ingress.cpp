// Following reads, whole or peeked, and bytes that leave unseen.

#include "ingress.hpp"

#include "behind.hpp"
#include "guest.hpp"
#include "kernel.hpp"
#include "next.hpp"
#include "outlet.hpp"
#include "owner.hpp"
#include "status.hpp"
#include "tally.hpp"

namespace lastcall::ingress {
namespace {

// Part of a body, or a whole request, and nothing more to see: how many of the bytes are that.
[[gnu::always_inline]] inline std::size_t glance(Connection& connection, Bytes in) {
    if (connection.requests.pass_body(in.size())) return in.size();
    const std::uint32_t first_due = guest::first_due();
    const std::size_t one = connection.requests.take_one(in, connection.exchanges, first_due);
    count_exchanges(connection);
    return one;
}

Opaque follow_rest(Connection& connection, Bytes in, std::size_t& delivered) {
    std::optional<Terms> room;
    const Terms& terms = guest::terms(room);
    const auto intake = connection.requests.take_rest(in, delivered, connection.exchanges, terms);
    if (intake.picked.any()) [[unlikely]]
        status::add(intake.picked);
    count_exchanges(connection);
    delivered = intake.delivered;
    return intake.reason;
}

// How many of the bytes, of which the first have been glanced at, are the server's.
std::size_t follow(Connection& connection, Buffers in, std::size_t size, std::size_t glanced) {
    Opaque reason = Opaque::no;
    const std::size_t sum = in.walk(0, size, [&](Bytes part) {
        std::size_t delivered = glanced;
        glanced = 0;
        if (delivered < part.size()) reason = follow_rest(connection, part, delivered);
        return reason == Opaque::no ? delivered : 0;
    });
    if (reason == Opaque::no) return sum;
    connection.turn_opaque(reason);
    return size;
}

// A peek shows nothing behind the last request, and moves nothing. One from an offset shows bytes
// that we cannot place, and so all of them.
ssize_t peek(Slot slot, int fd, const Buffers& in, Call call) {
    Connection& connection = slot.connection();
    const ssize_t size = call();
    if (size <= 0) return size;
    const KeepErrno keep;
    if (!behind::claim(slot)) return size;
    Requests trial = connection.requests;
    std::optional<Terms> room;
    const Terms& terms = guest::terms(room);
    Exchanges exchanges;
    exchanges.copy(connection.exchanges);
    Opaque reason = Opaque::no;
    const std::size_t shown = in.walk(0, static_cast<std::size_t>(size), [&](Bytes part) {
        const auto intake = trial.peek(part, exchanges, terms);
        reason = intake.reason;
        return intake.delivered;
    });
    const bool less =
        reason == Opaque::no && shown < static_cast<std::size_t>(size) && !kernel::peeks_ahead(fd);
    const bool granted = less && connection.followed() && behind::grant(connection, fd);
    // Of the bytes up to there, any may yet be read where we cannot see it: the read proves it
    // anew.
    connection.granted = false;
    const bool withheld = granted || (less && behind::ended(connection, fd));
    connection.in.release(slot.generation());
    return withheld ? static_cast<ssize_t>(shown) : size;
}

// MSG_TRUNC: what comes is thrown away unseen, as in the lingering close of a server that answered
// before it had the whole request. Behind the close option that hides nothing from anybody: no byte
// can reach the server, and where the request ends matters no more.
ssize_t discard(Slot slot, Call call) {
    Connection& connection = slot.connection();
    const ssize_t size = call();
    if (size <= 0 || !behind::claim(slot)) return size;
    const auto count = static_cast<std::uint64_t>(size);
    behind::count_taken(connection, count);
    const std::uint64_t countable = connection.requests.countable();
    if (countable > 0) connection.requests.skip(count < countable ? count : countable);
    if (connection.requests.over() || count > countable) {
        connection.input_over.store(true, std::memory_order_relaxed);
    }
    connection.in.release(slot.generation());
    return size;
}

// A call has taken so many bytes out of the socket. True: they are counted and the direction is
// claimed.
[[gnu::always_inline]] inline bool take_in(Slot slot, std::size_t size, std::uint16_t ticket) {
    if (!behind::claim(slot)) return false;
    Connection& connection = slot.connection();
    connection.process.store(owner::self(), std::memory_order_relaxed);
    behind::count_taken(connection, size);
    if (!connection.in.alone(ticket)) [[unlikely]]
        connection.turn_opaque(Opaque::overlap);
    connection.in.end_claimed_call();
    return true;
}

// Bytes have been read, and the direction is claimed.
Arrival judge(Connection& connection, int fd, Buffers in, std::size_t size, std::size_t glanced) {
    const auto all = static_cast<ssize_t>(size);
    if (!connection.followed()) [[unlikely]] {  // it may have turned so while the read was waiting
        if (connection.lingers() && behind::discard(connection, fd, size)) return {0, true};
        return {behind::ended(connection, fd) ? 0 : all, false};
    }
    std::size_t delivered = follow(connection, in, size, glanced);
    if (connection.requests.over()) [[unlikely]]
        delivered = behind::withhold(connection, fd, delivered, size, in.size());
    return {static_cast<ssize_t>(delivered), delivered == 0 && connection.followed()};
}

[[gnu::noinline]] Arrival judge_rest(Slot slot, int fd, iovec room, std::size_t size,
                                     std::size_t glanced) {
    Connection& connection = slot.connection();
    const Arrival arrival = judge(connection, fd, {&room, 1}, size, glanced);
    connection.in.release(slot.generation());
    return arrival;
}

}  // namespace

Arrival arrived(Slot slot, int fd, Buffers in, ssize_t result, std::uint16_t ticket) {
    Connection& connection = slot.connection();
    if (result <= 0 || !take_in(slot, static_cast<std::size_t>(result), ticket)) {
        connection.in.end_call(slot.generation());
        return {result, false};
    }
    const Arrival arrival = judge(connection, fd, in, static_cast<std::size_t>(result), 0);
    connection.in.release(slot.generation());
    return arrival;
}

Arrival arrived(Slot slot, int fd, iovec room, ssize_t result, std::uint16_t ticket) {
    Connection& connection = slot.connection();
    if (result <= 0 || !take_in(slot, static_cast<std::size_t>(result), ticket)) {
        connection.in.end_call(slot.generation());
        return {result, false};
    }
    const auto size = static_cast<std::size_t>(result);
    const Bytes in{static_cast<const char*>(room.iov_base), size};
    const std::size_t glanced = connection.followed() ? glance(connection, in) : 0;
    if (glanced != size) [[unlikely]]
        return judge_rest(slot, fd, room, size, glanced);
    connection.in.release(slot.generation());
    return {result, false};
}

// All that the call took is counted before its first message is judged: a proof made there finds
// the socket without the rest.
int receive_each(Slot slot, int fd, mmsghdr* messages, Call call) {
    Connection& connection = slot.connection();
    const std::uint16_t ticket = connection.in.begin_call();
    const auto received = static_cast<int>(call());
    std::size_t taken = 0;
    for (int i = 0; i < received; ++i) taken += messages[i].msg_len;
    if (taken == 0 || !take_in(slot, taken, ticket)) {
        connection.in.end_call(slot.generation());
        return received;
    }
    int shown = 0;
    bool more = true;  // the last request has not ended before this message
    for (int i = 0; i < received; ++i) {
        const msghdr& header = messages[i].msg_hdr;
        const std::size_t size = messages[i].msg_len;
        std::size_t delivered = 0;
        if (size > 0) {
            const Buffers in{header.msg_iov, header.msg_iovlen};
            delivered = static_cast<std::size_t>(judge(connection, fd, in, size, 0).delivered);
        }
        if (more && (delivered > 0 || size == 0)) {
            messages[i].msg_len = static_cast<unsigned>(delivered);
            shown = i + 1;
        }
        more = more && delivered == size;
    }
    connection.in.release(slot.generation());
    return shown;
}

ssize_t receive_specially(Slot slot, int fd, const Buffers& in, int flags, Call call) {
    Connection& connection = slot.connection();
    const int special = flags & ~plain_flags;
    // Urgent bytes and the error queue are no part of the stream, and so not ours to end or keep.
    if ((special & (MSG_OOB | MSG_ERRQUEUE)) != 0) {
        connection.turn_opaque(Opaque::special_call);
        return call();
    }
    if (!connection.followed() && !connection.lingers()) {
        return behind::ended(connection, fd) ? 0 : call();
    }
    const bool over = connection.input_over.load(std::memory_order_relaxed) || connection.lingers();
    if (special == MSG_TRUNC && !over && connection.said_close.load()) return discard(slot, call);
    if ((special & ~(MSG_PEEK | MSG_TRUNC)) != 0 || ((special & MSG_TRUNC) != 0 && !over)) {
        connection.turn_opaque(Opaque::special_call);
        if (!connection.lingers()) return behind::ended(connection, fd) ? 0 : call();
    }
    return over || connection.lingers() ? behind::receive(slot, fd, in, flags, call)
                                        : peek(slot, fd, in, call);
}

ssize_t splice_from(Slot slot, int fd, std::size_t count, CountedCall call) {
    Connection& connection = slot.connection();
    if (count == 0) return call(count);
    if (connection.input_over.load(std::memory_order_relaxed) || connection.lingers()) {
        // What is thrown away here cannot be looked at first.
        if (!outlet::is_same(connection, fd)) return call(count);
        return receive_specially(slot, fd, {}, 0, [&] {
            const bool ours = connection.followed() || connection.lingers();
            return ours ? next::recv(fd, nullptr, behind::anything, MSG_TRUNC) : call(count);
        });
    }
    if (behind::ended(connection, fd)) return 0;
    if (!connection.followed() || !behind::claim(slot)) return call(count);
    const std::uint64_t countable = connection.requests.countable();
    connection.in.release(slot.generation());
    if (countable == 0) {
        connection.turn_opaque(Opaque::unseen_bytes);
        return splice_from(slot, fd, count, call);
    }
    const ssize_t size = call(count < countable ? count : countable);
    if (size <= 0 || !behind::claim(slot)) return size;
    behind::count_taken(connection, static_cast<std::size_t>(size));
    connection.requests.skip(static_cast<std::uint64_t>(size));
    if (connection.requests.over()) connection.input_over.store(true, std::memory_order_relaxed);
    connection.in.release(slot.generation());
    return size;
}

}  // namespace lastcall::ingress
