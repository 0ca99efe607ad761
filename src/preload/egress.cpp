// Follows writes, and lets go of connections whose output cannot be followed any further.

#include "egress.hpp"

#include "edited_write.hpp"
#include "memory.hpp"
#include "outlet.hpp"

#include <climits>

namespace lastcall::egress {
namespace {

void count_unseen(Slot slot, int fd, std::size_t size, std::uint64_t countable) {
    Connection& connection = slot.connection();
    if (!outlet::claim(slot)) return;
    outlet::count_sent(connection, size);
    if (size > countable) {
        connection.turn_opaque(Opaque::unseen_bytes);
        connection.responses.let_go();
    } else {
        connection.responses.skip(size, connection.exchanges);
    }
    if (connection.responses.over()) outlet::tear_down(connection, fd);
    outlet::end_input(connection, fd);
    outlet::release(slot);
}

// Bytes that have gone are followed; the direction is claimed.
[[gnu::noinline]] void follow_rest(Connection& connection, Bytes out) {
    const Opaque reason = connection.responses.follow_rest(out, connection.exchanges);
    if (reason != Opaque::no) connection.turn_opaque(reason);
}

[[gnu::always_inline]] inline void follow(Connection& connection, Bytes out) {
    const std::size_t one = connection.responses.follow_one(out, connection.exchanges);
    if (one != out.size()) [[unlikely]]
        follow_rest(connection, from(out, one));
}

void follow(Connection& connection, Buffers out, std::size_t size) {
    out.walk(0, size, [&](Bytes part) {
        if (!connection.responses.pass_body(part.size())) follow_rest(connection, part);
        return connection.followed() ? part.size() : 0;
    });
}

// The kernel took so many bytes by a call. True: they are counted, the direction is claimed, and
// they are to be followed.
[[gnu::always_inline]] inline bool count_call(Slot slot, std::size_t size, std::uint16_t ticket) {
    Connection& connection = slot.connection();
    outlet::count_sent(connection, size);
    const bool alone = connection.out.alone(ticket);
    connection.out.end_claimed_call();
    if (!alone || !connection.followed()) [[unlikely]] {
        connection.turn_opaque(Opaque::overlap);
        return false;
    }
    return !connection.responses.pass_body(size);
}

// Opaque, with nothing of ours under way.
bool is_forwarded(const Connection& connection) {
    return !connection.followed() && connection.desk.load(std::memory_order_acquire) == nullptr;
}

// Whatever the kernel says to it; behind our FIN that would be SIGPIPE.
ssize_t send_unreadable(Slot slot, int fd, Call call) {
    if (!torn_down(slot, fd)) return let_go(slot, fd, Opaque::special_call) ? call() : -1;
    errno = EFAULT;
    return -1;
}

}  // namespace

void left(Slot slot, int fd, Buffers out, ssize_t result, std::uint16_t ticket) {
    Connection& connection = slot.connection();
    if (result <= 0 || !outlet::claim(slot)) return connection.out.end_call(slot.generation());
    const auto size = static_cast<std::size_t>(result);
    if (count_call(slot, size, ticket)) follow(connection, out, size);
    outlet::end_input(connection, fd);
    outlet::release(slot);
}

void left(Slot slot, int fd, const void* from, ssize_t result, std::uint16_t ticket) {
    Connection& connection = slot.connection();
    if (result <= 0 || !outlet::claim(slot)) return connection.out.end_call(slot.generation());
    const Bytes out{static_cast<const char*>(from), static_cast<std::size_t>(result)};
    if (count_call(slot, out.size(), ticket)) follow(connection, out);
    outlet::end_input(connection, fd);
    outlet::release(slot);
}

ssize_t transmit_list_specially(Slot slot, int fd, Buffers out, int flags, Call call) {
    if (is_forwarded(slot.connection())) return call();
    const bool listed =
        out.count <= IOV_MAX && memory::readable(out.parts, out.count * sizeof(iovec));
    if (!listed || !memory::possible(out)) {
        return call();  // refused before the kernel looks at the socket
    }
    return transmit_specially(slot, fd, out, flags, call);
}

ssize_t transmit_specially(Slot slot, int fd, Buffers out, int flags, Call call) {
    Connection& connection = slot.connection();
    if (is_forwarded(connection)) return call();
    if (!memory::possible(out)) return send_unreadable(slot, fd, call);
    // Nothing to send: the kernel has nothing to say about it, but for our FIN.
    if (out.size() == 0) return torn_down(slot, fd) ? 0 : call();
    if ((flags & ~plain_flags) != 0) {
        if (torn_down(slot, fd)) return static_cast<ssize_t>(out.size());
        return let_go(slot, fd, Opaque::special_call) ? call() : -1;
    }
    const std::uint16_t ticket = connection.out.begin_call();
    ssize_t accepted = 0;
    if (connection.out.alone(ticket)) {
        accepted = edited_write(slot, fd, out, flags, call,
                                [&] { return send_unreadable(slot, fd, call); });
    } else {
        // Another thread is writing, or the definition behind us has called us again: the desk is
        // in use, and these bytes are the kernel's to order.
        connection.turn_opaque(Opaque::overlap);
        accepted = call();
    }
    connection.out.end_call(slot.generation());
    return accepted;
}

ssize_t transmit_unseen(Slot slot, int fd, std::size_t count, CountedCall call, CountedCall drop) {
    Connection& connection = slot.connection();
    if (is_forwarded(connection) || !outlet::claim(slot)) return call(count);
    const bool over = connection.responses.over();
    const std::uint64_t countable = connection.responses.countable();
    const bool last = connection.exchanges.last() != 0;
    outlet::release(slot);
    if (over && outlet::is_same(connection, fd)) return drop(count);
    if (countable == 0) return let_go(slot, fd, Opaque::unseen_bytes) ? call(count) : -1;
    // What goes over the end of the last response would follow it to the client.
    const bool capped = last && count > countable;
    const std::uint16_t ticket = connection.out.begin_call();
    const ssize_t size = call(capped ? countable : count);
    if (size > 0) count_unseen(slot, fd, static_cast<std::size_t>(size), countable);
    if (!connection.out.alone(ticket)) connection.turn_opaque(Opaque::overlap);
    connection.out.end_call(slot.generation());
    return size;
}

void release_held(Slot slot, int fd) {
    Connection& connection = slot.connection();
    if (connection.desk.load(std::memory_order_acquire) == nullptr || !outlet::claim(slot)) return;
    const KeepErrno keep;
    static_cast<void>(outlet::send_held(connection, fd));
    outlet::release(slot);
}

bool let_go(Slot slot, int fd, Opaque reason) {
    Connection& connection = slot.connection();
    connection.turn_opaque(reason);
    if (!outlet::claim(slot)) return true;
    const int kept = errno;
    const bool released = outlet::finish_field(connection, fd) && outlet::send_held(connection, fd);
    const int why = released ? kept : errno;
    outlet::end_input(connection, fd);
    outlet::release(slot);
    errno = why;
    return released;
}

bool torn_down(Slot slot, int fd) {
    Connection& connection = slot.connection();
    return connection.torn_down.load(std::memory_order_relaxed) && outlet::is_same(connection, fd);
}

}  // namespace lastcall::egress
