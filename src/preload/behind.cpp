// Judging and discarding, and the reads of a server that has had its last request.

#include "behind.hpp"

#include "guest.hpp"
#include "kernel.hpp"
#include "next.hpp"
#include "outlet.hpp"
#include "status.hpp"

#include <poll.h>

namespace lastcall::behind {
namespace {

constexpr int linger = 5000;     // milliseconds; nginx's lingering_timeout
constexpr int most_rounds = 16;  // of discarding in one read that does not block

// Bytes behind the last request are gone for good.
void count_discarded(Connection& connection, std::size_t size) {
    status::add(&status::Counters::bytes_discarded, size);
    if (!connection.discarded.exchange(true)) status::add(&status::Counters::sent_on, 1);
}

// Reads away what is queued; never waits, and a client that keeps sending cannot hold us here.
void read_away(Connection& connection, int fd) {
    for (int round = 0; round < most_rounds; ++round) {
        const ssize_t size = next::recv(fd, nullptr, anything, MSG_TRUNC | MSG_DONTWAIT);
        if (size <= 0) return;
        count_taken(connection, static_cast<std::size_t>(size));
        count_discarded(connection, static_cast<std::size_t>(size));
    }
}

// What has come behind the last request: may it be thrown away? The position says; and where the
// client has been told to go, nothing it sends is anybody's.
bool may_discard(Connection& connection, int fd) {
    if (connection.followed() && grant(connection, fd)) return true;
    return connection.lingers() && kernel::same_socket(fd, connection);
}

enum class Fate : std::uint8_t { discarded, delivered, ended };

// size bytes, all behind the last request, have been read or peeked.
Fate judge(Slot slot, int fd, std::size_t size, int flags) {
    Connection& connection = slot.connection();
    const KeepErrno keep;
    if (!claim(slot)) return Fate::delivered;
    const bool peeked = (flags & MSG_PEEK) != 0;
    if (!peeked) count_taken(connection, size);
    Fate fate = Fate::discarded;
    if (!discard(connection, fd, peeked ? 0 : size)) {
        fate = ended(connection, fd) ? Fate::ended : Fate::delivered;
    }
    connection.in.release(slot.generation());
    return fate;
}

// Waits for something to read. 1: there is; 0: time is over; -1 and errno. What stands in the error
// queue ends a poll at once and for ever, but a read would go on waiting.
int wait_for_input(int fd, int milliseconds) {
    constexpr short input = POLLIN | POLLRDHUP | POLLHUP;
    constexpr int pause = 50;
    for (;;) {
        pollfd waiting{fd, POLLIN | POLLRDHUP, 0};
        const int ready = poll(&waiting, 1, milliseconds);
        if (ready <= 0 || (waiting.revents & input) != 0) return ready;
        if (milliseconds <= 0) return 0;
        const int rest = milliseconds < pause ? milliseconds : pause;
        if (poll(nullptr, 0, rest) < 0) return -1;
        milliseconds -= rest;
    }
}

// Before a blocking read in the tear-down. 1: there is something to read; 0: the client has had its
// time; -1 and errno.
int wait_in_tear_down(int fd, Moment deadline) {
    const Moment now = guest::now();
    if (now >= deadline) return 0;
    const auto left = static_cast<int>(deadline - now);
    const int own = kernel::receive_timeout(fd);
    const bool own_first = own >= 0 && own < left;
    const int ready = wait_for_input(fd, own_first ? own : left);
    if (ready != 0 || !own_first) return ready;
    errno = EAGAIN;
    return -1;
}

// Has the response left where we could not see it, after bytes behind its request were discarded?
// Then the client may believe that the connection goes on, and the server must not wait for it.
bool answered_unseen(Connection& connection, int fd) {
    if (connection.said_close.load() || !connection.discarded.load()) return false;
    const auto proof = kernel::prove_output(fd, connection, kernel::Writers::perhaps);
    if (proof != kernel::Proof::refused) return false;
    connection.turn_opaque(Opaque::unproven);
    outlet::end_input(connection, fd);
    return true;
}

bool still_named(Slot slot, int fd) { return table::at(fd).bits() == slot.bits(); }

}  // namespace

// Until the close option has been sent, the response may still leave where we cannot see it, so the
// output is proven anew each time.
bool grant(Connection& connection, int fd) {
    if (!kernel::same_socket(fd, connection)) {
        connection.turn_opaque(Opaque::another_socket);
        return false;
    }
    // A server may have acted upon what it has peeked ahead.
    if (!connection.granted && kernel::peeks_ahead(fd)) {
        connection.turn_opaque(Opaque::special_call);
        return false;
    }
    const bool settled = connection.granted && connection.said_close.load();
    const auto stands = [](kernel::Proof proof) { return proof != kernel::Proof::refused; };
    const bool input = connection.granted || stands(kernel::prove_input(fd, connection));
    connection.granted =
        settled ||
        (input && stands(kernel::prove_output(fd, connection, kernel::Writers::perhaps)));
    if (!connection.granted) connection.turn_opaque(Opaque::unproven);
    return connection.granted;
}

bool discard(Connection& connection, int fd, std::size_t size) {
    const KeepErrno keep;
    if (!may_discard(connection, fd)) return false;
    if (size > 0) count_discarded(connection, size);
    read_away(connection, fd);
    outlet::end_input(connection, fd);
    return true;
}

bool ended(Connection& connection, int fd) {
    if (!connection.cut()) return false;
    const KeepErrno keep;
    outlet::end_input(connection, fd);
    return kernel::same_socket(fd, connection);
}

// What is queued goes with them: a server that asks whether there is more to read must not be told
// so and then wait. A read that did not fill its room has just left nothing.
std::size_t withhold(Connection& connection, int fd, std::size_t delivered, std::size_t size,
                     std::size_t room) {
    const KeepErrno keep;
    connection.input_over.store(true, std::memory_order_relaxed);
    const bool behind = delivered < size;
    if (!behind && (size < room || !kernel::has_unread(fd))) return size;
    if (discard(connection, fd, size - delivered)) return delivered;
    return ended(connection, fd) ? delivered : size;
}

// A read that neither waits nor returns bytes answers what the kernel says, whichever socket it was
// of: then only bytes are asked whose they are.
ssize_t receive(Slot slot, int fd, const Buffers& in, int flags, Call call) {
    Connection& connection = slot.connection();
    const int kept = errno;
    const bool blocking = kernel::blocks(fd, flags);
    errno = kept;
    if (blocking || !connection.said_close.load()) {
        if (!outlet::is_same(connection, fd)) return call();
        if (answered_unseen(connection, fd)) return 0;
    }
    Moment deadline = 0;  // of the tear-down, from when this read has met it
    for (int round = 0; blocking || round < most_rounds; ++round) {
        if (blocking && connection.torn_down.load()) {
            if (deadline == 0) deadline = guest::now() + linger;
            const int ready = wait_in_tear_down(fd, deadline);
            if (ready < 0 && errno == EINTR && kernel::restarts_reads(fd)) {
                errno = kept;
                if (!still_named(slot, fd)) return call();  // the handler closed it
                continue;
            }
            if (ready <= 0) return ready;
        }
        // Closed meanwhile by another thread, the number may be anybody's.
        if (round > 0 && !still_named(slot, fd)) return 0;
        const ssize_t size = call();
        if (size == 0 && in.size() > 0) connection.ended.store(true, std::memory_order_relaxed);
        if (size <= 0) return size;
        const Fate fate = judge(slot, fd, static_cast<std::size_t>(size), flags);
        if (fate != Fate::discarded) return fate == Fate::ended ? 0 : size;
    }
    errno = EAGAIN;
    return -1;
}

void drain(Slot slot, int fd) {
    Connection& connection = slot.connection();
    if (!connection.input_over.load() && !connection.lingers()) return;
    const bool fin = connection.ended.load() && !connection.woken.load();
    if (fin || !kernel::has_unread(fd)) return;
    const bool ending = connection.said_close.load() || connection.cut();
    if (!ending || !claim(slot)) return;
    const bool cut = connection.cut();
    if (cut ? kernel::same_socket(fd, connection) : may_discard(connection, fd)) {
        read_away(connection, fd);
    }
    connection.in.release(slot.generation());
}

}  // namespace lastcall::behind
