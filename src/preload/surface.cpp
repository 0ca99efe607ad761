// The behaviours behind the exported functions that take more than a lookup: messages, bytes that
// pass unseen, ranges of descriptors.

#include "surface.hpp"

#include "guest.hpp"
#include "kernel.hpp"
#include "memory.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <climits>

namespace lastcall::surface {
namespace {

Buffers buffers(const msghdr& message) { return {message.msg_iov, message.msg_iovlen}; }

bool is_of_stream(int flags) { return (flags & (MSG_OOB | MSG_ERRQUEUE)) == 0; }

int failed(int error) {
    errno = error;
    return -1;
}

// sendfile to nowhere: what the offset, or the file's position, would have become.
ssize_t skip_file(int in, off_t* offset, std::size_t count) {
    struct stat status {};
    if (raw::call(SYS_fstat, in, &status) != 0) return -1;
    if (offset != nullptr && !memory::readable(offset, sizeof *offset)) return failed(EFAULT);
    const off_t start = offset != nullptr ? *offset : lseek(in, 0, SEEK_CUR);
    if (start < 0) return failed(EINVAL);
    const off_t left = std::max<off_t>(status.st_size - start, 0);
    const auto size =
        static_cast<off_t>(std::min<std::size_t>(count, static_cast<std::size_t>(left)));
    if (offset != nullptr)
        *offset = start + size;
    else if (lseek(in, start + size, SEEK_SET) < 0)
        return -1;
    return size;
}

// splice to nowhere. Reads while the pipe has something; waits, if the pipe blocks, only for the
// first byte.
ssize_t empty_pipe(int in, std::size_t count, unsigned flags) {
    std::array<char, 256> away;
    std::size_t size = 0;
    int queued = 0;
    struct stat status {};
    if (raw::call(SYS_fstat, in, &status) != 0) return -1;
    if (!S_ISFIFO(status.st_mode)) return failed(EINVAL);
    if ((flags & SPLICE_F_NONBLOCK) != 0 && ioctl(in, FIONREAD, &queued) == 0 && queued == 0) {
        pollfd end{in, 0, 0};
        return poll(&end, 1, 0) == 1 ? 0 : failed(EAGAIN);  // POLLHUP: nobody writes any more
    }
    while (size < count && (size == 0 || (ioctl(in, FIONREAD, &queued) == 0 && queued > 0))) {
        const ssize_t part = next::read(in, away.data(), std::min(count - size, away.size()));
        if (part <= 0) return size > 0 ? static_cast<ssize_t>(size) : part;
        size += static_cast<std::size_t>(part);
    }
    return static_cast<ssize_t>(size);
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
    if (!slot) return call();
    Connection& connection = slot.connection();
    if (connection.exchanges.last() != 0) {
        if (!memory::readable(message, sizeof *message)) return call();
        const bool control = message->msg_controllen > 0;
        if (control && !egress::let_go(slot, fd, Opaque::special_call)) return -1;
        return egress::transmit(slot, fd, buffers(*message), flags, call);
    }
    Buffers out;
    return egress::transmit(slot, fd, out, flags, [&] {
        const ssize_t size = call();
        if (size > 0) out = buffers(*message);
        if (size > 0 && message->msg_controllen > 0) connection.turn_opaque(Opaque::special_call);
        return size;
    });
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
        const int received = ingress::receive_each(slot, fd, messages, several);
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
    if (!table::at(fd) || count == 0) return next::sendmmsg(fd, messages, count, flags);
    for (unsigned i = 0; i < std::min<unsigned>(count, IOV_MAX); ++i) {
        mmsghdr& message = messages[i];
        const ssize_t size = transmit_message(fd, &message.msg_hdr, flags, [&] {
            const int sent = next::sendmmsg(fd, &message, 1, flags);
            return sent == 1 ? static_cast<ssize_t>(message.msg_len) : -1;
        });
        if (size < 0) return i > 0 ? static_cast<int>(i) : -1;
        message.msg_len = static_cast<unsigned>(size);
        if (message.msg_len < buffers(message.msg_hdr).size()) return static_cast<int>(i + 1);
    }
    return static_cast<int>(count);
}

ssize_t send_file(int out, int in, off_t* offset, std::size_t count, CountedCall call) {
    const Slot slot = table::at(out);
    if (!slot) [[likely]]
        return call(count);
    return egress::transmit_unseen(slot, out, count, call, [&](std::size_t dropped) {
        return skip_file(in, offset, dropped);
    });
}

ssize_t splice_pipe(int in, int out, std::size_t count, unsigned flags, CountedCall call) {
    if (const Slot slot = table::at(out); slot) {
        return egress::transmit_unseen(slot, out, count, call, [&](std::size_t dropped) {
            return empty_pipe(in, dropped, flags);
        });
    }
    const Slot slot = table::at(in);
    return slot ? ingress::splice_from(slot, in, count, call) : call(count);
}

ssize_t without_sender_at_end(int fd, socklen_t* length, int flags) {
    const bool asked = length != nullptr && is_of_stream(flags) && table::at(fd);
    if (asked && memory::readable(length, sizeof *length)) *length = 0;
    return 0;
}

bool may_be_replaced(int from, int to) {
    return !table::at(to) || next::fcntl(from, F_GETFD, 0) >= 0;
}

// A connection that cannot be connected is one still.
int connect(int fd, Call call) {
    const auto result = static_cast<int>(call());
    if (table::at(fd) && (result == 0 || errno == EINPROGRESS)) forget(fd);
    return result;
}

// Both sides have said FIN by now; before ours, the client had a name still.
int peer_name(int fd, sockaddr* address, socklen_t* length, Call call) {
    const int kept = errno;
    const auto result = static_cast<int>(call());
    const Slot slot = result < 0 && errno == ENOTCONN ? table::at(fd) : Slot{};
    if (!slot || !egress::torn_down(slot, fd)) return result;
    const bool room =
        memory::readable(length, sizeof *length) &&
        memory::readable(address, std::min<std::size_t>(*length, sizeof(sockaddr_in6)));
    if (!room) return failed(EFAULT);
    if (kernel::peer_name(fd, address, length) != 0) return failed(ENOTCONN);
    errno = kept;
    return 0;
}

int shut_down(int fd, int how, Call call) {
    const Slot slot = table::at(fd);
    if (!slot) return static_cast<int>(call());
    const int kept = errno;
    if (how != SHUT_RD) egress::release_held(slot, fd);
    const auto result = static_cast<int>(call());
    if (result == 0 && how != SHUT_WR) slot.connection().woken = true;
    // Both sides have said FIN by now; before ours, this would have succeeded.
    if (result == 0 || errno != ENOTCONN || !egress::torn_down(slot, fd)) return result;
    errno = kept;
    return 0;
}

int close_range(unsigned low, unsigned high, int flags, Call call) {
    constexpr unsigned known = CLOSE_RANGE_CLOEXEC | CLOSE_RANGE_UNSHARE;
    const auto asked = static_cast<unsigned>(flags);
    const bool closes = (asked & CLOSE_RANGE_CLOEXEC) == 0 && (asked & ~known) == 0;
    if (closes) forget_range(low, high);
    return static_cast<int>(call());
}

int listen(int fd, Call call) {
    guest::becomes_server();
    const auto result = static_cast<int>(call());
    if (result == 0) forget(fd);
    return result;
}

int control(int fd, int command, Call call) {
    if (command != F_DUPFD && command != F_DUPFD_CLOEXEC) return static_cast<int>(call());
    return duplicate(fd, call);
}

}  // namespace lastcall::surface
