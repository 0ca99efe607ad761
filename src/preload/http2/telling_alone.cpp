// Our frame in a call of its own, where the server's call can carry nothing more. It must not take
// from the server what the kernel tells only once.

#include "telling.hpp"

#include "../next.hpp"
#include "../outlet.hpp"
#include "talk.hpp"

#include <cerrno>

namespace lastcall::telling {

bool say_alone(Slot slot, int fd, int flags) {
    Connection& connection = slot.connection();
    const int kept = errno;
    for (;;) {
        const Talk* const talk = talk::of(connection);
        if (talk == nullptr || talk->conversation.told()) break;
        if (talk->conversation.is_cut() && !talk::may_go_on(slot, fd)) break;
        const Bytes ours = talk->conversation.unsaid();
        const Offered out{Shape::bytes, ours.data(), ours.size()};
        const ssize_t sent = verbatim(slot, fd, out, [&] {
            const int own = MSG_NOSIGNAL | MSG_MORE | (flags & MSG_DONTWAIT);
            return next::send(fd, ours.data(), ours.size(), own);
        });
        const int why = sent < 0 ? errno : 0;
        const bool forbidden = outlet::is_forbidden(why);
        // Of an error that is told once it is the server's call that failed; EPIPE tells itself
        // again, and a filter knows the server's call and not ours.
        if (why != 0 && why != EPIPE && !forbidden) return false;
        if (!outlet::claim(slot)) {
            errno = EAGAIN;  // for a server that is told of none of its bytes
            return false;
        }
        if (forbidden && talk::is_cut(connection)) {
            outlet::release(slot);
            return false;
        }
        if (forbidden) talk::leave(connection, Opaque::special_call);
        if (why != 0) break;
    }
    errno = kept;
    return true;
}

}  // namespace lastcall::telling
