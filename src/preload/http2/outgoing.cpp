// Which of a server's writes are its own call and nothing else, and which are not.

#include "outgoing.hpp"

#include "../egress.hpp"
#include "../memory.hpp"
#include "../next.hpp"
#include "../outlet.hpp"
#include "../settling.hpp"
#include "talk.hpp"
#include "telling.hpp"

#include <cerrno>
#include <climits>

namespace lastcall::outgoing {
namespace {

// True: nobody else writes, the connection speaks HTTP/2, and its output is claimed.
bool enter(Slot slot, int fd) {
    if (!settle(slot, fd) || !outlet::claim(slot)) return false;
    const bool frames = slot.connection().life.facts().speaks_http2();
    if (!frames) outlet::release(slot);
    return frames;
}

bool would_wait(int error) { return error == EAGAIN || error == EINTR || error == ENOBUFS; }

// Bytes of ours alone, in a call of their own: for what follows no other call will do. The output
// is claimed, and again when it returns true. False: they could not all go, and nothing may before
// them.
bool say_alone(Slot slot, int fd, int flags) {
    Connection& connection = slot.connection();
    for (;;) {
        const Talk* const talk = talk::of(connection);
        if (talk == nullptr || talk->conversation.told()) return true;
        const Bytes ours = talk->conversation.unsaid();
        const Offered out{Shape::bytes, ours.data(), ours.size()};
        const ssize_t sent = telling::verbatim(slot, fd, out, [&] {
            const int own = MSG_NOSIGNAL | MSG_MORE | (flags & MSG_DONTWAIT);
            return next::send(fd, ours.data(), ours.size(), own);
        });
        if (sent < 0 && would_wait(errno)) return false;
        if (!outlet::claim(slot)) return false;
        if (sent < 0) return true;  // the server's own call says why
    }
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

}  // namespace

Answer transmit(Slot slot, int fd, const Offered& out, int flags, Kind kind, Call call) {
    Connection& connection = slot.connection();
    if (!enter(slot, fd)) return {};
    const Talk* const talk = talk::of(connection);
    const bool cut = talk != nullptr && talk->conversation.is_cut();
    if (!cut && (talk == nullptr || !talk->conversation.is_owed())) [[likely]]
        return telling::verbatim(slot, fd, out, call);
    if (kind == Kind::plain) {
        if (!is_listed(out)) return telling::verbatim(slot, fd, out, call);
        return telling::transmit(slot, fd, out, flags, call);
    }
    const bool here = cut || (talk->conversation.output().open_to_any() &&
                              outlet::is_same(slot, fd) && outlet::prove(slot, fd));
    if (here && !say_alone(slot, fd, flags)) return -1;
    return telling::verbatim(slot, fd, out, call);
}

void left(Slot slot, const void* from, ssize_t result, Offer::Ticket ticket) {
    Connection& connection = slot.connection();
    if (!outlet::claim(slot)) return;
    if (connection.offer.close(ticket) && result > 0) [[likely]] {
        const auto size = static_cast<std::size_t>(result);
        outlet::count_sent(connection, size);
        if (connection.life.facts().speaks_http2()) [[likely]]
            talk::follow_servers(connection, {static_cast<const char*>(from), size});
    }
    outlet::release(slot);
}

void left(Slot slot, const Offered& out, ssize_t result, Offer::Ticket ticket) {
    Connection& connection = slot.connection();
    if (!outlet::claim(slot)) return;
    if (connection.offer.close(ticket) && result > 0) [[likely]] {
        const auto size = static_cast<std::size_t>(result);
        outlet::count_sent(connection, size);
        out.walk(size, [&](Bytes part) {
            if (connection.life.facts().speaks_http2()) talk::follow_servers(connection, part);
            return part.size();
        });
    }
    outlet::release(slot);
}

Answer transmit_unseen(Slot slot, int fd, std::size_t count, CountedCall call) {
    Connection& connection = slot.connection();
    if (!enter(slot, fd)) return {};
    const Talk* const talk = talk::of(connection);
    const bool cut = talk != nullptr && talk->conversation.is_cut();
    if (cut && !say_alone(slot, fd, 0)) return -1;
    return telling::verbatim(slot, fd, {Shape::unseen, nullptr, count},
                             [&] { return call(count); });
}

void release(Slot slot, int fd) {
    // The claim alone is of use: whoever looks after told connections is not at this one.
    if (!outlet::claim(slot)) return;
    const Talk* const talk = talk::of(slot.connection());
    const bool cut = talk != nullptr && talk->conversation.is_cut();
    if (cut && !say_alone(slot, fd, MSG_DONTWAIT)) return;
    outlet::release(slot);
}

}  // namespace lastcall::outgoing
