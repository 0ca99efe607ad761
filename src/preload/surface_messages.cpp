// The behaviours behind the calls that carry messages. On a stream a message is only a read or a
// write; several of them in one call are one call still.

#include "surface.hpp"

#include "memory.hpp"

#include <algorithm>
#include <climits>

namespace lastcall::surface {
namespace {

Buffers buffers(const msghdr& message) { return {message.msg_iov, message.msg_iovlen}; }

// What a message carries beside bytes is not followed, and nothing to frames.
void lose_unless_frames(Slot slot) {
    const bool frames = slot.facts().speaks_http2();
    if (!frames) turn_opaque(slot, Opaque::special_call);
}

ssize_t transmit_message_of(Slot slot, int fd, const msghdr* message, int flags, Call call) {
    if (!egress::is_special(slot.connection(), flags)) {
        const ssize_t size = egress::transmit(slot, fd, {Shape::message, message, 1}, call);
        if (size > 0 && message->msg_controllen > 0) lose_unless_frames(slot);
        return size;
    }
    const Offered out{Shape::message, message, 1};
    const bool frames = slot.facts().speaks_http2();
    const Offer::Ticket ticket =
        frames ? outgoing::begin(slot, flags, out.shape, out.what, out.count) : 0;
    if (ticket != 0) {
        const ssize_t sent = call();
        outgoing::left(slot, out, sent, ticket);
        return sent;
    }
    if (frames && message != nullptr) {
        const bool control = message->msg_controllen > 0;
        if (const auto sent = egress::transmit_frames(slot, fd, out, flags, control, call)) {
            return *sent;
        }
    }
    if (!memory::readable(message, sizeof *message)) return call();
    const bool control = message->msg_controllen > 0;
    if (control && !egress::let_go(slot, fd, Opaque::special_call)) return -1;
    return egress::transmit_list_specially(slot, fd, buffers(*message), flags, call);
}

ssize_t bytes_of(const mmsghdr* messages, int sent) {
    ssize_t size = sent;
    if (sent > 0) size = 0;
    for (int i = 0; i < sent; ++i) size += messages[i].msg_len;
    return size;
}

// In one call, which holds its socket while it waits: what is offered is what is sent.
int transmit_all(Slot slot, int fd, mmsghdr* messages, unsigned count, int flags) {
    int sent = -1;
    const auto call = [&] {
        sent = next::sendmmsg(fd, messages, count, flags);
        return bytes_of(messages, sent);
    };
    static_cast<void>(egress::transmit(slot, fd, {Shape::messages, messages, count}, call));
    for (int i = 0; i < sent; ++i) {
        if (messages[i].msg_hdr.msg_controllen > 0) lose_unless_frames(slot);
    }
    return sent;
}

// The number has passed to another connection, which must not be sent the rest.
int as_if_sent(mmsghdr* messages, unsigned start, unsigned count) {
    for (unsigned i = start; i < count; ++i) {
        messages[i].msg_len = static_cast<unsigned>(buffers(messages[i].msg_hdr).size());
    }
    return static_cast<int>(count);
}

}  // namespace

ssize_t receive_message(int fd, msghdr* message, int flags, Call call) {
    const Slot slot = table::at(fd);
    if (!slot) {
        const ssize_t size = call();
        if (size >= 0 && message->msg_controllen > 0) adopt_passed(*message);
        return size;
    }
    Buffers in;
    ssize_t said = -1;  // by the kernel
    const ssize_t result = ingress::receive(slot, fd, in, flags, [&] {
        const ssize_t size = said = call();
        if (size > 0) in = buffers(*message);
        return size;
    });
    // An end that is ours is told as the kernel would.
    const bool ours = result == 0 && said != 0;
    if (ours && memory::readable(message, sizeof *message)) {
        if (message->msg_name != nullptr) message->msg_namelen = 0;
        message->msg_controllen = 0;
        message->msg_flags = 0;
    }
    return result;
}

ssize_t transmit_message(int fd, const msghdr* message, int flags, Call call) {
    const Slot slot = table::at(fd);
    return slot ? transmit_message_of(slot, fd, message, flags, call) : call();
}

int receive_messages(int fd, mmsghdr* messages, unsigned count, int flags, timespec* timeout) {
    const auto several = [&] { return next::recvmmsg(fd, messages, count, flags, timeout); };
    const Slot slot = table::at(fd);
    if (!slot || count == 0) {
        const int received = several();
        for (int i = 0; i < received; ++i) {
            if (messages[i].msg_hdr.msg_controllen > 0) adopt_passed(messages[i].msg_hdr);
        }
        return received;
    }
    const int own = flags & ~MSG_WAITFORONE;
    if (!ingress::is_special(slot.connection(), own)) {
        const int received = ingress::receive_each(slot, {fd, own}, messages, several);
        if (received != 0) return received;
    }
    // On a stream a message is only a read, and returning fewer than asked for is allowed.
    if (!memory::readable(messages, sizeof *messages)) return several();
    const ssize_t size = receive_message(fd, &messages[0].msg_hdr, own, [&] {
        const int received = next::recvmmsg(fd, messages, 1, flags, timeout);
        return received == 1 ? static_cast<ssize_t>(messages[0].msg_len) : -1;
    });
    if (size < 0) return -1;
    messages[0].msg_len = static_cast<unsigned>(size);
    return 1;
}

int transmit_messages(int fd, mmsghdr* messages, unsigned count, int flags) {
    const Slot slot = table::at(fd);
    if (!slot || count == 0) return next::sendmmsg(fd, messages, count, flags);
    const unsigned most = std::min<unsigned>(count, IOV_MAX);
    const int kept = errno;
    for (unsigned i = 0; i < most; ++i) {
        if (i > 0 && !table::means(fd, slot)) return as_if_sent(messages, i, most);
        const bool forwarded = egress::is_forwarded(slot);
        if (forwarded || egress::takes_all(slot, fd, flags)) {
            const int rest = forwarded ? next::sendmmsg(fd, messages + i, most - i, flags)
                                       : transmit_all(slot, fd, messages + i, most - i, flags);
            if (rest < 0 && i > 0) errno = kept;
            return i == 0 ? rest : static_cast<int>(i) + std::max(rest, 0);
        }
        mmsghdr& message = messages[i];
        const ssize_t size = transmit_message_of(slot, fd, &message.msg_hdr, flags, [&] {
            const int sent = next::sendmmsg(fd, &message, 1, flags);
            return sent == 1 ? static_cast<ssize_t>(message.msg_len) : -1;
        });
        if (size < 0 && i > 0) errno = kept;  // as of a call that has succeeded
        if (size < 0) return i > 0 ? static_cast<int>(i) : -1;
        message.msg_len = static_cast<unsigned>(size);
        if (message.msg_len < buffers(message.msg_hdr).size()) return static_cast<int>(i + 1);
    }
    return static_cast<int>(most);
}

}  // namespace lastcall::surface
