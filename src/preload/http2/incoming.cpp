// The bytes are counted before they are followed, both under the input's claim, so that nobody can
// take the connection for quiet in between.

#include "incoming.hpp"

#include "../behind.hpp"
#include "../egress.hpp"
#include "../ingress.hpp"
#include "../kernel.hpp"
#include "../outlet.hpp"
#include "../owner.hpp"
#include "../status.hpp"
#include "farewell.hpp"
#include "talk.hpp"

namespace lastcall::incoming {
namespace {

// The client has gone, as it had been told.
void note_end(Slot slot) {
    if (!outlet::claim(slot)) return;
    const Talk* const talk = talk::of(slot.connection());
    const bool told = talk != nullptr && talk->conversation.told();
    outlet::release(slot);
    if (told && slot.connection().life.state(slot.generation(), Fact::ended)) {
        status::add(&status::Counters::http2_left, 1);
    }
}

void leave(Slot slot, Opaque reason) {
    if (!outlet::claim(slot)) return;
    if (slot.connection().life.facts().speaks_http2()) talk::leave(slot.connection(), reason);
    outlet::release(slot);
}

// So many bytes have been read, which began at `before`; the input is claimed. False: they are not
// the server's any more, and are gone.
bool account(Slot slot, int fd, const Buffers& in, std::size_t size, std::uint64_t before) {
    Connection& connection = slot.connection();
    const bool in_order = connection.taken.load(std::memory_order_relaxed) == before;
    behind::count_taken(connection, size);
    connection.process.store(owner::self(), std::memory_order_relaxed);
    if (!in_order) leave(slot, Opaque::overlap);
    const Facts facts = connection.life.facts();
    if (facts.speaks_http2()) {
        talk::follow_input(slot, in, 0, size);
        return true;
    }
    // Ended by us while this read was on its way: the client knows that none of it is processed.
    return !facts.lingers() || !behind::discard(slot, fd, size);
}

}  // namespace

Answer receive(Slot slot, int fd, const Buffers& in, int flags, Call call) {
    if ((flags & (MSG_ERRQUEUE | MSG_PEEK)) != 0) return call();
    if ((flags & ~ingress::plain_flags) != 0) {
        leave(slot, Opaque::special_call);
        return {};
    }
    const std::uint64_t before = ingress::begin(slot.connection());
    const ssize_t size = call();
    bool kept = true;
    if (size > 0 && behind::claim(slot)) {
        const KeepErrno keep;
        kept = account(slot, fd, in, static_cast<std::size_t>(size), before);
        slot.connection().in.release(slot.generation());
    } else if (size == 0) {
        note_end(slot);
    }
    farewell::look();
    return kept ? Answer(size) : Answer();
}

ssize_t splice_from(Slot slot, std::size_t count, CountedCall call) {
    const ssize_t size = call(count);
    if (size <= 0 || !behind::claim(slot)) return size;
    Connection& connection = slot.connection();
    behind::count_taken(connection, static_cast<std::size_t>(size));
    if (outlet::claim(slot)) {
        if (connection.life.facts().speaks_http2()) {
            talk::follow_input_unseen(connection, static_cast<std::size_t>(size));
        }
        outlet::release(slot);
    }
    connection.in.release(slot.generation());
    return size;
}

}  // namespace lastcall::incoming
