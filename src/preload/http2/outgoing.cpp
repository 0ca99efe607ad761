// Which of a server's writes are its own call and nothing else, and which are not.

#include "outgoing.hpp"

#include "../memory.hpp"
#include "../outlet.hpp"
#include "../settling.hpp"
#include "talk.hpp"
#include "telling.hpp"

#include <climits>

namespace lastcall::outgoing {
namespace {

// True: nobody else writes, the connection speaks HTTP/2, and its output is claimed.
bool enter(Slot slot, int fd) {
    constexpr int tries = 8;  // another write may begin between the two
    for (int i = 0; i < tries; ++i) {
        if (!settle(slot, fd) || !outlet::claim(slot)) return false;
        const bool frames = slot.facts().speaks_http2();
        if (frames && !slot.connection().offer.open()) return true;
        outlet::release(slot);
        if (!frames) return false;
    }
    if (!outlet::claim(slot)) return false;
    talk::leave(slot.connection(), Opaque::overlap);
    outlet::release(slot);
    return false;
}

// Are the buffers such as the kernel would look at, so that we may?
bool is_listed(const Offered& out) {
    if (out.shape == Shape::bytes) return out.count > 0;
    if (out.shape == Shape::message && !memory::readable(out.what, sizeof(msghdr))) return false;
    const Buffers list = out.list(0);
    return list.count > 0 && list.count <= IOV_MAX &&
           memory::readable(list.parts, list.count * sizeof(iovec)) && memory::possible(list) &&
           list.size() > 0;
}

// each: calls what it is given for each view of the first so many bytes.
template <typename Each>
[[gnu::always_inline]] inline void left(Slot slot, ssize_t result, Offer::Ticket ticket,
                                        const Each& each) {
    Connection& connection = slot.connection();
    if (!outlet::claim(slot)) return;
    if (connection.offer.close(ticket) && result > 0) [[likely]] {
        const auto size = static_cast<std::size_t>(result);
        outlet::count_sent(connection, size);
        each(size, [&](Bytes part) {
            if (connection.life.facts().speaks_http2()) [[likely]]
                talk::follow_servers(connection, part);
        });
    }
    outlet::release(slot);
}

}  // namespace

Answer transmit(Slot slot, int fd, const Offered& out, int flags, Kind kind, Call call) {
    if (!enter(slot, fd)) return {};
    const Talk* const talk = talk::of(slot.connection());
    if (talk == nullptr || !talk->conversation.has_to_say()) [[likely]]
        return telling::verbatim(slot, fd, out, call);
    if (!is_listed(out)) return telling::verbatim(slot, fd, out, call);
    return kind == Kind::plain ? telling::transmit(slot, fd, out, flags, call)
                               : telling::transmit_apart(slot, fd, out, flags, call);
}

void left(Slot slot, const void* from, ssize_t result, Offer::Ticket ticket) {
    left(slot, result, ticket, [&](std::size_t size, const auto& follow) {
        follow(Bytes{static_cast<const char*>(from), size});
    });
}

void left(Slot slot, const Offered& out, ssize_t result, Offer::Ticket ticket) {
    left(slot, result, ticket, [&](std::size_t size, const auto& follow) {
        out.walk(size, [&](Bytes part) {
            follow(part);
            return part.size();
        });
    });
}

Answer transmit_unseen(Slot slot, int fd, std::size_t count, CountedCall call) {
    if (!enter(slot, fd)) return {};
    if (talk::is_cut(slot.connection()) && !telling::say_alone(slot, fd, 0)) return -1;
    return telling::verbatim(slot, fd, {Shape::unseen, nullptr, count},
                             [&] { return call(count); });
}

void release(Slot slot, int fd) {
    const KeepErrno keep;
    if (!outlet::claim(slot)) return;
    const bool cut = talk::is_cut(slot.connection());
    if (cut && !telling::say_alone(slot, fd, MSG_DONTWAIT)) return;
    outlet::release(slot);
}

}  // namespace lastcall::outgoing
