// The behaviours behind the exported functions that take more than a lookup: bytes that pass
// unseen, names, ranges of descriptors.

#include "surface.hpp"

#include "guest.hpp"
#include "kernel.hpp"
#include "memory.hpp"
#include "outlet.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <array>

namespace lastcall::surface {
namespace {

bool is_of_stream(int flags) { return (flags & (MSG_OOB | MSG_ERRQUEUE)) == 0; }

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
        return next::poll(&end, 1, 0) == 1 ? 0 : failed(EAGAIN);  // POLLHUP: nobody writes any more
    }
    while (size < count && (size == 0 || (ioctl(in, FIONREAD, &queued) == 0 && queued > 0))) {
        const ssize_t part = next::read(in, away.data(), std::min(count - size, away.size()));
        if (part <= 0) return size > 0 ? static_cast<ssize_t>(size) : part;
        size += static_cast<std::size_t>(part);
    }
    return static_cast<ssize_t>(size);
}

}  // namespace

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
    if (!slot || !outlet::is_torn_down(slot, fd)) return result;
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
    Life& life = slot.connection().life;
    if (result == 0 && how != SHUT_WR) life.state(slot.generation(), Fact::woken);
    if (result == 0 && how != SHUT_RD && slot.facts().is(Fact::said_close)) {
        // The last response ends here, whether its end could be told or not.
        life.state(slot.generation(), Fact::answered);
        if (outlet::claim(slot)) {
            outlet::tear_down_owed(slot, fd);
            outlet::release(slot);
        }
    }
    // Both sides have said FIN by now; before ours, this would have succeeded.
    if (result == 0 || errno != ENOTCONN || !outlet::is_torn_down(slot, fd)) return result;
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
