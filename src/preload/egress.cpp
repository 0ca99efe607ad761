// Follows writes, and lets go of connections whose output cannot be followed any further.

#include "egress.hpp"

#include "http1/edited_write.hpp"
#include "http2/outgoing.hpp"
#include "http2/talk.hpp"
#include "memory.hpp"
#include "outlet.hpp"
#include "settling.hpp"
#include "switching.hpp"

#include <climits>

namespace lastcall::egress {
namespace {

// Bytes that have gone are followed; the direction is claimed.
[[gnu::noinline]] void follow_rest(Slot slot, int fd, Bytes out) {
    Connection& connection = slot.connection();
    Bytes rest;
    const Opaque reason = connection.responses.follow_rest(out, connection.exchanges, rest);
    if (reason != Opaque::no) switching::by_server(slot, fd, rest, reason);
    outlet::end_input(slot, fd);
}

[[gnu::always_inline]] inline void follow(Slot slot, int fd, Bytes out) {
    Connection& connection = slot.connection();
    const std::size_t one = connection.responses.follow_one(out, connection.exchanges);
    if (one != out.size()) [[unlikely]]
        follow_rest(slot, fd, from(out, one));
}

[[gnu::always_inline]] inline bool is_ordinary(const Connection& connection) {
    return connection.followed() && connection.exchanges.last() == 0;
}

// Whatever the kernel says to it; behind our FIN that would be SIGPIPE.
ssize_t send_unreadable(Slot slot, int fd, Call call) {
    if (!outlet::is_torn_down(slot, fd)) {
        return let_go(slot, fd, Opaque::special_call) ? call() : -1;
    }
    return failed(EFAULT);
}

// Have we half-closed behind the whole of what the client is to get? Bytes behind that go nowhere;
// but those behind a FIN of the server's own are the kernel's to refuse.
bool is_ended(Slot slot, int fd) {
    const Connection& connection = slot.connection();
    if (!outlet::is_torn_down(slot, fd) || !outlet::claim(slot)) return false;
    const bool frames = connection.life.facts().opaque() == Opaque::http2;
    const bool ended = frames || connection.responses.whole();
    outlet::release(slot);
    return ended;
}

// Behind the last response: accepted as far as it can be read, and let go nowhere.
ssize_t drop(Buffers out) {
    const std::size_t size = memory::readable(out, 0, Buffers::all);
    return size > 0 ? static_cast<ssize_t>(size) : failed(EFAULT);
}

}  // namespace

void left(Slot slot, int fd, const Offered& out, ssize_t result, Offer::Ticket ticket) {
    Connection& connection = slot.connection();
    if (!outlet::claim(slot)) return;
    if (connection.offer.close(ticket) && result > 0) {
        account(slot, fd, out, static_cast<std::size_t>(result));
    }
    outlet::release(slot);
}

void left(Slot slot, int fd, const void* from, ssize_t result, Offer::Ticket ticket) {
    Connection& connection = slot.connection();
    if (!outlet::claim(slot)) return;
    if (connection.offer.close(ticket) && result > 0) [[likely]] {
        const Bytes out{static_cast<const char*>(from), static_cast<std::size_t>(result)};
        if (is_ordinary(connection)) [[likely]] {
            outlet::count_sent(connection, out.size());
            if (!connection.responses.pass_body(out.size())) follow(slot, fd, out);
        } else {
            account(slot, fd, {Shape::bytes, from, out.size()}, out.size());
        }
    }
    outlet::release(slot);
}

std::optional<ssize_t> transmit_frames(Slot slot, int fd, const Offered& out, int flags,
                                       bool control, Call call) {
    if (!slot.facts().speaks_http2()) [[unlikely]]
        return {};
    const bool plain = (flags & ~plain_flags) == 0 && !control;
    if ((flags & MSG_OOB) != 0) {
        static_cast<void>(let_go(slot, fd, Opaque::special_call));
        return {};
    }
    return outgoing::transmit(slot, fd, out, flags,
                              plain ? outgoing::Kind::plain : outgoing::Kind::special, call);
}

ssize_t transmit_list_specially(Slot slot, int fd, Buffers out, int flags, Call call) {
    if (const auto sent = transmit_frames(slot, fd, offered_list(out), flags, false, call)) {
        return *sent;
    }
    if (is_forwarded(slot)) return call();
    const bool listed =
        out.count <= IOV_MAX && memory::readable(out.parts, out.count * sizeof(iovec));
    if (!listed || !memory::possible(out)) {
        return call();  // refused before the kernel looks at the socket
    }
    return transmit_specially(slot, fd, out, flags, call);
}

bool is_forwarded(Slot slot) {
    const Facts facts = slot.facts();
    return !facts.followed() && !facts.speaks_http2() && !facts.is(Fact::torn_down) &&
           slot.connection().desk.load(std::memory_order_acquire) == nullptr;
}

bool is_verbatim(Slot slot, int flags) {
    const Facts facts = slot.facts();
    if ((flags & ~plain_flags) != 0 || !facts.followed() || facts.is(Fact::torn_down)) return false;
    return slot.connection().exchanges.last() == 0 || facts.is(Fact::said_close);
}

bool takes_all(Slot slot, int fd, int flags) {
    return settle(slot, fd) && is_verbatim(slot, flags);
}

ssize_t transmit_specially(Slot slot, int fd, Buffers out, int flags, Call call) {
    Connection& connection = slot.connection();
    if (const auto sent = transmit_frames(slot, fd, offered_list(out), flags, false, call)) {
        return *sent;
    }
    if (is_forwarded(slot)) return call();
    if (!memory::possible(out)) return send_unreadable(slot, fd, call);
    // Nothing to send: the kernel has nothing to say about it, but for our FIN.
    if (out.size() == 0) return outlet::is_torn_down(slot, fd) ? 0 : call();
    if (!settle(slot, fd)) return call();  // two threads write: the order is the kernel's
    if (is_verbatim(slot, flags)) return transmit(slot, fd, offered_list(out), call);
    if (is_ended(slot, fd)) {
        return (flags & ~plain_flags) != 0 ? static_cast<ssize_t>(out.size()) : drop(out);
    }
    // Of a server that speaks first: these are frames, and any call will do; or it is opaque
    // anyway.
    const bool first = slot.facts().followed() && connection.exchanges.begun() == 0;
    if (first && (flags & MSG_OOB) == 0) return transmit(slot, fd, offered_list(out), call);
    if ((flags & ~plain_flags) != 0) return let_go(slot, fd, Opaque::special_call) ? call() : -1;
    const auto unreadable = [&] { return send_unreadable(slot, fd, call); };
    if (const auto sent = edited_write(slot, fd, out, flags, call, unreadable)) return *sent;
    const auto framed = transmit_frames(slot, fd, offered_list(out), flags, false, call);
    return framed ? *framed : call();
}

ssize_t transmit_unseen(Slot slot, int fd, std::size_t count, CountedCall call, CountedCall drop) {
    Connection& connection = slot.connection();
    if (count > 0 && slot.facts().speaks_http2()) {
        if (const auto sent = outgoing::transmit_unseen(slot, fd, count, call)) return *sent;
    }
    if (count == 0 || is_forwarded(slot) || !settle(slot, fd)) return call(count);
    if (is_ended(slot, fd)) return drop(count);
    if (!outlet::claim(slot)) return call(count);
    const std::uint64_t countable = connection.responses.countable();
    const bool last = connection.exchanges.last() != 0;
    const bool working = connection.desk.load() != nullptr;
    outlet::release(slot);
    // Bytes of a head may be held back, and would have to go first.
    if (countable == 0 && working && !let_go(slot, fd, Opaque::unseen_bytes)) return -1;
    // What goes over the end of the last response would follow it to the client.
    const bool capped = last && countable != 0 && count > countable;
    const std::size_t most = capped ? countable : count;
    return transmit(slot, fd, {Shape::unseen, nullptr, most}, [&] { return call(most); });
}

void release_held(Slot slot, int fd) {
    Connection& connection = slot.connection();
    if (slot.facts().speaks_http2()) return outgoing::release(slot, fd);
    if (connection.desk.load(std::memory_order_acquire) == nullptr || !outlet::claim(slot)) return;
    const KeepErrno keep;
    static_cast<void>(outlet::send_held(slot, fd));
    outlet::release(slot);
}

bool let_go(Slot slot, int fd, Opaque reason) {
    if (slot.facts().speaks_http2()) {
        outgoing::release(slot, fd);
        if (!outlet::claim(slot)) return true;
        talk::leave(slot.connection(), reason);
        outlet::release(slot);
        return true;
    }
    turn_opaque(slot, reason);
    if (!outlet::claim(slot)) return true;
    const int kept = errno;
    const bool released = outlet::finish_field(slot, fd) && outlet::send_held(slot, fd);
    const int why = released ? kept : errno;
    outlet::end_input(slot, fd);
    outlet::release(slot);
    errno = why;
    return released;
}

}  // namespace lastcall::egress
