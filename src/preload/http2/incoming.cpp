// The bytes are counted before they are followed, both under the input's claim, so that nobody can
// take the connection for quiet in between.

#include "incoming.hpp"

#include "../behind.hpp"
#include "../ingress.hpp"
#include "../kernel.hpp"
#include "../outlet.hpp"
#include "../owner.hpp"
#include "farewell.hpp"
#include "talk.hpp"

namespace lastcall::incoming {
namespace {

void leave(Slot slot, Opaque reason) {
    if (!outlet::claim(slot)) return;
    if (slot.facts().speaks_http2()) talk::leave(slot.connection(), reason);
    outlet::release(slot);
}

// So many bytes have been read, which began at `before`; the input is claimed. True: they are to be
// followed.
[[gnu::always_inline]] inline bool counted(Slot slot, std::size_t size, std::uint64_t before) {
    Connection& connection = slot.connection();
    const bool in_order = connection.taken.load(std::memory_order_relaxed) == before;
    behind::count_taken(connection, size);
    connection.process.store(owner::self(), std::memory_order_relaxed);
    if (!in_order) [[unlikely]]
        leave(slot, Opaque::overlap);
    return connection.life.facts().speaks_http2();
}

// Ended by us while this read was on its way: the client knows that none of it is processed. False:
// it is thrown away.
[[gnu::cold]] bool keep(Slot slot, int fd, std::size_t size) {
    const KeepErrno kept;
    return !slot.facts().lingers() || !behind::discard(slot, fd, size);
}

// A call has taken so many bytes out of the socket, if any; follow: what they are followed by.
// False: they are not the server's any more.
template <typename Follow>
[[gnu::always_inline]] inline bool bring(Slot slot, int fd, ssize_t result, std::uint64_t before,
                                         const Follow& follow) {
    bool kept = true;
    if (result > 0 && behind::claim(slot)) [[likely]] {
        const auto size = static_cast<std::size_t>(result);
        if (counted(slot, size, before)) [[likely]]
            follow(size);
        else
            kept = keep(slot, fd, size);
        slot.connection().in.release(slot.generation());
    }
    farewell::look();
    return kept;
}

// What stays where it is, and what is no part of the stream.
Answer look(Slot slot, int flags, Call call) {
    const ssize_t size = call();
    const bool shown = size > 0 && (flags & MSG_ERRQUEUE) == 0;
    // We may have ended it while the peek was waiting.
    return shown && slot.facts().lingers() ? Answer() : Answer(size);
}

}  // namespace

bool arrived(Slot slot, int fd, const void* to, ssize_t result, std::uint64_t before) {
    if (result == 0) slot.connection().life.state(slot.generation(), Fact::ended);
    return bring(slot, fd, result, before, [&](std::size_t size) {
        talk::follow_input(slot, {static_cast<const char*>(to), size});
    });
}

Answer receive(Slot slot, int fd, const Buffers& in, int flags, Call call) {
    if ((flags & (MSG_ERRQUEUE | MSG_PEEK)) != 0) return look(slot, flags, call);
    if ((flags & ~ingress::plain_flags) != 0) {
        leave(slot, Opaque::special_call);
        return {};
    }
    const std::uint64_t before = ingress::begin(slot.connection());
    const ssize_t result = call();
    if (result == 0 && kernel::half_closed(fd)) {  // and not a read of nothing
        slot.connection().life.state(slot.generation(), Fact::ended);
    }
    const bool kept = bring(slot, fd, result, before,
                            [&](std::size_t size) { talk::follow_input(slot, in, 0, size); });
    return kept ? Answer(result) : Answer();
}

// What a pipe has taken cannot be thrown away, and a look of ours would be another call than the
// server's.
Answer splice_from(Slot slot, std::size_t count, CountedCall call) {
    if (!outlet::claim(slot)) return call(count);
    if (Talk* const talk = talk::of(slot.connection()); talk != nullptr) {
        talk->conversation.give_unseen();
    }
    const bool over = !slot.facts().speaks_http2();
    outlet::release(slot);
    if (over) return {};
    const std::uint64_t before = ingress::begin(slot.connection());
    const ssize_t result = call(count);
    if (result > 0 && behind::claim(slot)) {
        const auto size = static_cast<std::size_t>(result);
        if (counted(slot, size, before) && outlet::claim(slot)) {
            talk::follow_input_unseen(slot.connection(), size);
            outlet::release(slot);
        }
        slot.connection().in.release(slot.generation());
    }
    farewell::look();
    return result;
}

}  // namespace lastcall::incoming
