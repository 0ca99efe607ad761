// Judging and discarding.

#include "behind.hpp"

#include "kernel.hpp"
#include "next.hpp"
#include "outlet.hpp"
#include "status.hpp"

namespace lastcall::behind {
namespace {

// Bytes behind the last request are gone for good.
void count_discarded(Slot slot, int fd, std::size_t size) {
    status::add(&status::Counters::bytes_discarded, size);
    if (slot.facts().opaque() == Opaque::http2) return;  // its farewell, mostly
    if (!slot.connection().state(Fact::discarded)) return;
    status::add(&status::Counters::sent_on, 1);
    outlet::tear_down_owed(slot, fd);
}

// Reads away what is queued; never waits, and a client that keeps sending cannot hold us here.
// named: is the number this connection's still? Closed by another thread, it may be anybody's.
template <typename Named>
void read_away(Slot slot, int fd, const Named& named) {
    for (int round = 0; round < most_rounds && named(); ++round) {
        const ssize_t size = next::recv(fd, nullptr, anything, MSG_TRUNC | MSG_DONTWAIT);
        if (size <= 0) return;
        count_taken(slot.connection(), static_cast<std::size_t>(size));
        count_discarded(slot, fd, static_cast<std::size_t>(size));
    }
}

// What has come behind the last request: may it be thrown away? The position says; and where the
// client has been told to go, nothing it sends is anybody's.
bool may_discard(Slot slot, int fd) {
    const Connection& connection = slot.connection();
    if (connection.followed() && grant(slot, fd)) return true;
    return connection.life.facts().lingers() && kernel::same_socket(fd, connection);
}

}  // namespace

// Until the close option has been sent, the response may still leave where we cannot see it, so the
// output is proven anew each time.
bool grant(Slot slot, int fd) {
    Connection& connection = slot.connection();
    if (!kernel::same_socket(fd, connection)) {
        connection.turn_opaque(Opaque::another_socket);
        return false;
    }
    // A server may have acted upon what it has peeked ahead.
    if (!connection.granted && kernel::peeks_ahead(fd)) {
        connection.turn_opaque(Opaque::special_call);
        return false;
    }
    if (connection.is(Fact::disorderly)) {
        connection.turn_opaque(Opaque::overlap);
        return false;
    }
    const bool settled = connection.granted && connection.is(Fact::said_close);
    const auto stands = [](kernel::Proof proof) { return proof != kernel::Proof::refused; };
    const bool input = connection.granted || stands(kernel::prove_input(fd, connection));
    connection.granted =
        settled ||
        (input && stands(kernel::prove_output(fd, connection, kernel::Writers::perhaps)));
    if (!connection.granted) connection.turn_opaque(Opaque::unproven);
    return connection.granted;
}

bool discard(Slot slot, int fd, std::size_t size) {
    const KeepErrno keep;
    if (!may_discard(slot, fd)) return false;
    if (size > 0) count_discarded(slot, fd, size);
    read_away(slot, fd, [&] { return table::means(fd, slot); });
    outlet::end_input(slot, fd);
    return true;
}

bool ended(Slot slot, int fd) {
    const Facts facts = slot.facts();
    if (!facts.cut()) return false;
    const KeepErrno keep;
    if (!facts.is(Fact::woken)) {
        if (!outlet::claim(slot)) return false;
        outlet::end_input(slot, fd);
        outlet::release(slot);
    }
    return kernel::same_socket(fd, slot.connection());
}

// What is queued goes with them: a server that asks whether there is more to read must not be told
// so and then wait.
std::size_t withhold(Slot slot, int fd, std::size_t delivered, std::size_t size, bool more) {
    const KeepErrno keep;
    slot.connection().state(Fact::input_over);
    if (!more) return size;
    if (discard(slot, fd, size - delivered)) return delivered;
    return ended(slot, fd) ? delivered : size;
}

// The slot is empty by now, and the number not closed yet: it is nobody else's.
void drain(Slot slot, int fd) {
    const Connection& connection = slot.connection();
    const Facts facts = slot.facts();
    if (!facts.is(Fact::input_over) && !facts.lingers()) return;
    const bool fin = facts.is(Fact::ended) && !facts.is(Fact::woken);
    if (fin || !kernel::has_unread(fd)) return;
    const bool ending = facts.is(Fact::said_close) || facts.cut();
    if (!ending || !claim(slot)) return;
    const bool cut = connection.life.facts().cut();
    if (cut ? kernel::same_socket(fd, connection) : may_discard(slot, fd)) {
        read_away(slot, fd, [] { return true; });
    }
    slot.connection().in.release(slot.generation());
}

}  // namespace lastcall::behind
