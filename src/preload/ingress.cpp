// Following reads, whole or peeked, and bytes that leave unseen.

#include "ingress.hpp"

#include "behind.hpp"
#include "guest.hpp"
#include "http2/incoming.hpp"
#include "kernel.hpp"
#include "lingering.hpp"
#include "next.hpp"
#include "outlet.hpp"
#include "owner.hpp"

namespace lastcall::ingress {
namespace {

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
        connection.state(Fact::input_over);
    }
    connection.in.release(slot.generation());
    return size;
}

// Bytes have been accounted for since this read began: it began before another read did and met
// nothing until later, or it ended before that one did, and was late. The kernel tells only whether
// all are accounted for; in which order they came is in doubt from here on.
[[gnu::cold]] void doubt(Connection& connection, int fd) {
    const KeepErrno keep;
    connection.state(Fact::disorderly);
    if (kernel::prove_input(fd, connection) != kernel::Proof::given) {
        connection.turn_opaque(Opaque::overlap);
    }
}

// A call has taken so many bytes out of the socket. True: they are counted and the direction is
// claimed.
[[gnu::always_inline]] inline bool take_in(Slot slot, int fd, std::size_t size,
                                           std::uint64_t before) {
    if (!behind::claim(slot)) return false;
    Connection& connection = slot.connection();
    connection.process.store(owner::self(), std::memory_order_relaxed);
    const std::uint64_t taken = connection.taken.load(std::memory_order_relaxed);
    connection.taken.store(taken + size, std::memory_order_relaxed);
    if (taken != before) [[unlikely]]
        doubt(connection, fd);
    return true;
}

[[gnu::noinline]] Arrival judge_rest(Slot slot, ReadCall by, iovec room, std::size_t size,
                                     std::size_t glanced) {
    const Arrival arrival = intake::judge(slot, by, {&room, 1}, size, glanced);
    slot.connection().in.release(slot.generation());
    return arrival;
}

// Behind the last request. What a pipe has taken cannot be thrown away: a look comes first, as at
// any read there, and only what the server may have is let through.
ssize_t splice_late(Slot slot, int fd, std::size_t count, CountedCall call) {
    if (!outlet::is_same(slot, fd)) return call(count);
    char byte = 0;
    const ssize_t size = receive_specially(slot, fd, {}, MSG_PEEK,
                                           [&] { return next::recv(fd, &byte, 1, MSG_PEEK); });
    return size > 0 ? call(count) : size;
}

}  // namespace

Arrival arrived(Slot slot, ReadCall by, Buffers in, ssize_t result, std::uint64_t before) {
    if (result <= 0 || !take_in(slot, by.fd, static_cast<std::size_t>(result), before)) {
        return {result, false};
    }
    const Arrival arrival = intake::judge(slot, by, in, static_cast<std::size_t>(result), 0);
    slot.connection().in.release(slot.generation());
    return arrival;
}

Arrival arrived(Slot slot, ReadCall by, iovec room, ssize_t result, std::uint64_t before) {
    Connection& connection = slot.connection();
    if (result <= 0 || !take_in(slot, by.fd, static_cast<std::size_t>(result), before)) {
        return {result, false};
    }
    const auto size = static_cast<std::size_t>(result);
    const Bytes in{static_cast<const char*>(room.iov_base), size};
    const std::size_t glanced = connection.followed() ? intake::glance(connection, in) : 0;
    if (glanced != size) [[unlikely]]
        return judge_rest(slot, by, room, size, glanced);
    connection.in.release(slot.generation());
    return {result, false};
}

// All that the call took is counted before its first message is judged: a proof made there finds
// the socket without the rest.
int receive_each(Slot slot, ReadCall by, mmsghdr* messages, Call call) {
    const std::uint64_t before = begin(slot.connection());
    const auto received = static_cast<int>(call());
    std::size_t taken = 0;
    for (int i = 0; i < received; ++i) taken += messages[i].msg_len;
    if (taken == 0 || !take_in(slot, by.fd, taken, before)) return received;
    int shown = 0;
    bool more = true;  // the last request has not ended before this message
    for (int i = 0; i < received; ++i) {
        const msghdr& header = messages[i].msg_hdr;
        const std::size_t size = messages[i].msg_len;
        std::size_t delivered = 0;
        if (size > 0) {
            const Buffers in{header.msg_iov, header.msg_iovlen};
            const Arrival arrival = intake::judge(slot, by, in, size, 0);
            delivered = static_cast<std::size_t>(arrival.delivered);
        }
        if (more && (delivered > 0 || size == 0)) {
            messages[i].msg_len = static_cast<unsigned>(delivered);
            shown = i + 1;
        }
        more = more && delivered == size;
    }
    slot.connection().in.release(slot.generation());
    return shown;
}

ssize_t peek(Slot slot, int fd, const Buffers& in, Call call) {
    Connection& connection = slot.connection();
    const ssize_t size = call();
    if (size <= 0 || in.count == 0) return size;  // into no buffer: ours, which asks nothing of it
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
    const bool granted = less && connection.followed() && behind::grant(slot, fd);
    // Of the bytes up to there, any may yet be read where we cannot see it: the read proves it
    // anew.
    connection.granted = false;
    const bool withheld = granted || (less && behind::ended(slot, fd));
    connection.in.release(slot.generation());
    return withheld ? static_cast<ssize_t>(shown) : size;
}

ssize_t receive_specially(Slot slot, int fd, const Buffers& in, int flags, Call call) {
    if (slot.facts().speaks_http2()) {
        if (const auto received = incoming::receive(slot, fd, in, flags, call)) return *received;
    }
    const int special = flags & ~plain_flags;
    // Urgent bytes and the error queue are no part of the stream, and so not ours to end or keep.
    if ((special & (MSG_OOB | MSG_ERRQUEUE)) != 0) {
        // (Frames are left in due order, with none of ours cut.)
        if (!slot.facts().speaks_http2()) turn_opaque(slot, Opaque::special_call);
        return call();
    }
    const Facts facts = slot.facts();
    if (!facts.followed() && !facts.lingers()) return behind::ended(slot, fd) ? 0 : call();
    const bool over = facts.is(Fact::input_over) || facts.lingers();
    if (special == MSG_TRUNC && !over && facts.is(Fact::said_close)) return discard(slot, call);
    if ((special & ~(MSG_PEEK | MSG_TRUNC)) != 0 || ((special & MSG_TRUNC) != 0 && !over)) {
        turn_opaque(slot, Opaque::special_call);
        const bool lingers = slot.facts().lingers();
        if (!lingers) return behind::ended(slot, fd) ? 0 : call();
    }
    return over || slot.facts().lingers() ? lingering::receive(slot, fd, in, flags, call)
                                          : peek(slot, fd, in, call);
}

ssize_t splice_from(Slot slot, int fd, std::size_t count, CountedCall call) {
    Connection& connection = slot.connection();
    if (count == 0) return call(count);
    if (slot.facts().speaks_http2()) {
        if (const auto moved = incoming::splice_from(slot, count, call)) return *moved;
    }
    const Facts facts = slot.facts();
    if (facts.is(Fact::input_over) || facts.lingers()) return splice_late(slot, fd, count, call);
    if (behind::ended(slot, fd)) return 0;
    if (!facts.followed() || !behind::claim(slot)) return call(count);
    const std::uint64_t countable = connection.requests.countable();
    connection.in.release(slot.generation());
    // Behind the close option what cannot be looked at must not be given to the server at all.
    if (countable == 0 && facts.is(Fact::said_close)) {
        turn_opaque(slot, Opaque::unseen_bytes);
        if (slot.facts().lingers()) return splice_late(slot, fd, count, call);
        return behind::ended(slot, fd) ? 0 : call(count);
    }
    const std::uint64_t before = begin(connection);
    const ssize_t size = call(countable == 0 || count < countable ? count : countable);
    if (size <= 0 || !take_in(slot, fd, static_cast<std::size_t>(size), before)) return size;
    // (Another reader may have taken what was countable.)
    if (static_cast<std::uint64_t>(size) > connection.requests.countable()) {
        connection.turn_opaque(Opaque::unseen_bytes);
    } else {
        connection.requests.skip(static_cast<std::uint64_t>(size));
        if (connection.requests.over()) connection.state(Fact::input_over);
    }
    outlet::end_input(slot, fd);
    connection.in.release(slot.generation());
    return size;
}

}  // namespace lastcall::ingress
