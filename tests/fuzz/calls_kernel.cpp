// Descriptors that are not the fake's go to the real kernel by raw system calls.

#include "calls_kernel.hpp"

#include "../../src/preload/calls.hpp"
#include "../../src/preload/next.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <algorithm>
#include <cstdarg>
#include <cstring>
#include <utility>

namespace lastcall::fake {

Kernel kernel;

int Kernel::name(Socket& socket) {
    const auto free = std::find(meaning.begin(), meaning.end(), nullptr);
    if (free == meaning.end()) {
        errno = EMFILE;
        return -1;
    }
    const auto fd = first_number + static_cast<int>(free - meaning.begin());
    rename(fd, &socket);
    return fd;
}

void Kernel::rename(int fd, Socket* socket) {
    Socket*& place = meaning[static_cast<std::size_t>(fd - first_number)];
    if (socket != nullptr) ++socket->names;
    if (place != nullptr) --place->names;
    place = socket;
}

void arrive(Socket& socket, std::size_t most) {
    if (socket.coming.empty() && !socket.client_waits) socket.client_done = true;
    const std::size_t size = std::min(most, socket.coming.size());
    socket.unread += socket.coming.substr(0, size);
    socket.coming.erase(0, size);
}

namespace {

ssize_t fail(int why) {
    errno = why;
    return -1;
}

// How many of `size` bytes a call may move, or -1 and errno.
ssize_t allowed(Socket& socket, std::size_t size) {
    const Fault fault = std::exchange(kernel.fault, Fault::none);
    if (fault != Fault::none) kernel.faulted = true;
    switch (fault) {
        case Fault::none: return static_cast<ssize_t>(size);
        case Fault::short_count:
            return static_cast<ssize_t>(size <= 1 ? size : 1 + kernel.short_by % (size - 1));
        case Fault::again: return socket.blocking ? fail(EINTR) : fail(EAGAIN);
        case Fault::interrupted: return fail(EINTR);
        case Fault::no_buffers: return fail(ENOBUFS);
        case Fault::reset: socket.reset = true; return fail(ECONNRESET);
    }
    return -1;
}

void let_others_act() {
    const KeepErrno keep;
    if (const auto act = std::exchange(kernel.meanwhile, nullptr)) act();
}

// Bytes ready to be read; blocks, that is lets the client act, as long as there are none. 0: end.
ssize_t ready(Socket& socket, int flags) {
    while (socket.unread.empty()) {
        if (socket.reset || socket.client_done || socket.input_shut) return 0;
        if (!socket.blocking || (flags & MSG_DONTWAIT) != 0) return fail(EAGAIN);
        let_others_act();
        if (socket.coming.empty() && socket.client_waits) return fail(EINTR);
        arrive(socket, 100);
    }
    return static_cast<ssize_t>(socket.unread.size());
}

ssize_t take(Socket& socket, Buffers to, std::size_t room, int flags) {
    if (room == 0) return 0;
    if ((flags & MSG_OOB) != 0) return fail(EINVAL);  // nothing urgent has come
    const ssize_t there = ready(socket, flags);
    if (there <= 0) return there;
    const ssize_t size = allowed(socket, std::min(room, static_cast<std::size_t>(there)));
    if (size < 0) return size;
    std::size_t done = 0;
    const bool discard = (flags & MSG_TRUNC) != 0;
    if (!discard) {
        to.walk(0, static_cast<std::size_t>(size), [&](Bytes part) {
            std::memcpy(const_cast<char*>(part.data()), socket.unread.data() + done, part.size());
            done += part.size();
            return part.size();
        });
    }
    if ((flags & MSG_PEEK) == 0) {
        socket.unread.erase(0, static_cast<std::size_t>(size));
        socket.taken += static_cast<std::size_t>(size);
    }
    let_others_act();
    return size;
}

ssize_t put(Socket& socket, Buffers from) {
    if (from.size() == 0) return 0;
    if (socket.output_shut && socket.shut_by_guest) kernel.broken = true;
    if (socket.output_shut || socket.reset) return fail(EPIPE);
    const ssize_t size = allowed(socket, from.size());
    if (size <= 0) return size;
    from.walk(0, static_cast<std::size_t>(size), [&](Bytes part) {
        socket.wire += part;
        return part.size();
    });
    let_others_act();
    return size;
}

// ---- the calls, each for a fake socket, or as it is ----

ssize_t receive(int fd, void* to, std::size_t size, int flags) {
    const iovec part{to, size};
    return take(*kernel.at(fd), {&part, 1}, size, flags);
}

ssize_t transmit(int fd, const void* from, std::size_t size) {
    const iovec part{const_cast<void*>(from), size};
    return put(*kernel.at(fd), {&part, 1});
}

ssize_t fake_read(int fd, void* to, size_t size) {
    return kernel.at(fd) ? receive(fd, to, size, 0) : raw::call(SYS_read, fd, to, size);
}

ssize_t fake_recv(int fd, void* to, size_t size, int flags) {
    return kernel.at(fd) ? receive(fd, to, size, flags) : fail(ENOTSOCK);
}

ssize_t fake_readv(int fd, const iovec* parts, int count) {
    const Buffers to{parts, static_cast<std::size_t>(count)};
    return kernel.at(fd) ? take(*kernel.at(fd), to, to.size(), 0)
                         : raw::call(SYS_readv, fd, parts, count);
}

ssize_t fake_recvmsg(int fd, msghdr* message, int flags) {
    const Buffers to{message->msg_iov, message->msg_iovlen};
    return kernel.at(fd) ? take(*kernel.at(fd), to, to.size(), flags)
                         : raw::call(SYS_recvmsg, fd, message, flags);
}

int fake_recvmmsg(int fd, mmsghdr* messages, unsigned count, int flags, timespec*) {
    if (kernel.at(fd) == nullptr) return static_cast<int>(fail(ENOSYS));
    unsigned done = 0;
    for (; done < count; ++done) {
        const int own = flags | (done > 0 ? MSG_DONTWAIT : 0);
        const ssize_t size = fake_recvmsg(fd, &messages[done].msg_hdr, own);
        if (size < 0 && done == 0) return -1;
        if (size < 0) break;
        messages[done].msg_len = static_cast<unsigned>(size);
        if (size == 0) return static_cast<int>(done + 1);
    }
    return static_cast<int>(done);
}

ssize_t fake_write(int fd, const void* from, size_t size) {
    return kernel.at(fd) ? transmit(fd, from, size) : raw::call(SYS_write, fd, from, size);
}

ssize_t fake_send(int fd, const void* from, size_t size, int) {
    return kernel.at(fd) ? transmit(fd, from, size) : fail(ENOTSOCK);
}

ssize_t fake_sendto(int fd, const void* from, size_t size, int, const sockaddr*, socklen_t) {
    return fake_send(fd, from, size, 0);
}

ssize_t fake_writev(int fd, const iovec* parts, int count) {
    return kernel.at(fd) ? put(*kernel.at(fd), {parts, static_cast<std::size_t>(count)})
                         : raw::call(SYS_writev, fd, parts, count);
}

ssize_t fake_sendmsg(int fd, const msghdr* message, int flags) {
    return kernel.at(fd) ? put(*kernel.at(fd), {message->msg_iov, message->msg_iovlen})
                         : raw::call(SYS_sendmsg, fd, message, flags);
}

int fake_sendmmsg(int fd, mmsghdr* messages, unsigned count, int flags) {
    unsigned done = 0;
    for (; done < count; ++done) {
        const int kept = errno;
        const ssize_t size = fake_sendmsg(fd, &messages[done].msg_hdr, flags);
        if (size < 0 && done == 0) return -1;
        if (size < 0) errno = kept;
        if (size < 0) break;
        messages[done].msg_len = static_cast<unsigned>(size);
        const msghdr& header = messages[done].msg_hdr;
        const std::size_t all = Buffers{header.msg_iov, header.msg_iovlen}.size();
        if (static_cast<std::size_t>(size) < all) return static_cast<int>(done + 1);
    }
    return static_cast<int>(done);
}

ssize_t fake_sendfile(int out, int in, off_t* offset, size_t count) {
    if (kernel.at(out) == nullptr) return raw::call(SYS_sendfile, out, in, offset, count);
    std::array<char, 512> bytes;
    const long start = offset != nullptr ? *offset : raw::call(SYS_lseek, in, 0, SEEK_CUR);
    const long size =
        raw::call(SYS_pread64, in, bytes.data(), std::min(count, bytes.size()), start);
    if (size <= 0) return size;
    const ssize_t sent = transmit(out, bytes.data(), static_cast<std::size_t>(size));
    if (sent <= 0) return sent;
    if (offset != nullptr)
        *offset = start + sent;
    else
        raw::call(SYS_lseek, in, start + sent, SEEK_SET);
    return sent;
}

// Of a pipe and a socket, the pipe is real. What the socket does not take stays in the pipe.
ssize_t fake_splice(int in, off_t*, int out, off_t*, size_t count, unsigned flags) {
    std::array<char, 512> bytes;
    const std::size_t most = std::min(count, bytes.size());
    if (kernel.at(in) != nullptr) {
        const int own = (flags & 2) != 0 ? MSG_DONTWAIT : 0;
        const ssize_t size = receive(in, bytes.data(), most, own);
        return size <= 0 ? size
                         : raw::call(SYS_write, out, bytes.data(), static_cast<std::size_t>(size));
    }
    int queued = 0;
    if (kernel.at(out) == nullptr || raw::call(SYS_ioctl, in, FIONREAD, &queued) != 0) {
        return fail(EINVAL);
    }
    if (queued == 0) return fail(EAGAIN);
    Socket& socket = *kernel.at(out);
    if (socket.output_shut || socket.reset) return transmit(out, "x", 1);
    const ssize_t size =
        allowed(socket, std::min<std::size_t>(most, static_cast<unsigned>(queued)));
    if (size <= 0) return size;
    const long got = raw::call(SYS_read, in, bytes.data(), static_cast<std::size_t>(size));
    return got <= 0 ? got : transmit(out, bytes.data(), static_cast<std::size_t>(got));
}

int fake_shutdown(int fd, int how) {
    Socket* const socket = kernel.at(fd);
    if (socket == nullptr) return static_cast<int>(fail(ENOTSOCK));
    const bool over = socket->reset || (socket->output_shut && socket->client_done);
    if (over) return static_cast<int>(fail(ENOTCONN));
    if (how != SHUT_WR) socket->input_shut = true;
    if (how == SHUT_RD) return 0;
    if (!socket->output_shut) socket->shut_by_guest = !kernel.shutting_down;
    socket->output_shut = true;
    return 0;
}

int fake_close(int fd) {
    if (kernel.at(fd) == nullptr) return static_cast<int>(raw::call(SYS_close, fd));
    kernel.rename(fd, nullptr);
    return 0;
}

int fake_dup(int fd) {
    Socket* const socket = kernel.at(fd);
    return socket != nullptr ? kernel.name(*socket) : static_cast<int>(raw::call(SYS_dup, fd));
}

int fake_dup2(int from, int to) {
    if (kernel.at(from) == nullptr) return static_cast<int>(raw::call(SYS_dup2, from, to));
    if (from != to) kernel.rename(to, kernel.at(from));
    return to;
}

int fake_dup3(int from, int to, int) { return fake_dup2(from, to); }

int fake_fcntl(int fd, int command, long word) {
    const Socket* const socket = kernel.at(fd);
    if (socket == nullptr) return static_cast<int>(raw::call(SYS_fcntl, fd, command, word));
    if (command == F_GETFL) return O_RDWR | (socket->blocking ? 0 : O_NONBLOCK);
    return command == F_DUPFD || command == F_DUPFD_CLOEXEC ? fake_dup(fd) : 0;
}

int fake_accept(int, sockaddr*, socklen_t*) { return kernel.name(*kernel.accepting); }
int fake_accept4(int, sockaddr*, socklen_t*, int) { return kernel.name(*kernel.accepting); }

template <typename Word>
Word as(long word) {
    return reinterpret_cast<Word>(word);
}

long fake_syscall(long number, long a, long b, long c, long d, long e, long f) {
    const int fd = static_cast<int>(a);
    if (kernel.at(fd) == nullptr) return raw::call(number, a, b, c, d, e, f);
    switch (number) {
        case SYS_read: return fake_read(fd, as<void*>(b), static_cast<std::size_t>(c));
        case SYS_write: return fake_write(fd, as<const void*>(b), static_cast<std::size_t>(c));
        case SYS_writev: return fake_writev(fd, as<const iovec*>(b), static_cast<int>(c));
        case SYS_close: return fake_close(fd);
        default: return fail(ENOSYS);
    }
}

int fake_poll(pollfd* polled, nfds_t count, int timeout) {
    Socket* const socket = count == 1 ? kernel.at(polled->fd) : nullptr;
    if (socket == nullptr) return next::early::poll(polled, count, timeout);
    if (socket->coming.empty()) socket->client_waits = false;
    if (socket->unread.empty() && !socket->client_done) arrive(*socket, 100);
    polled->revents = POLLIN;
    return 1;
}

template <typename Entry, typename Function>
void point(Entry& entry, Function function) {
    typename Entry::Function typed = function;
    entry.define(reinterpret_cast<void*>(typed));
}

tcp_info info_of(const Socket& socket) {
    constexpr std::uint8_t established = 1, fin_wait = 5, closed = 7, close_wait = 8;
    tcp_info info{};
    info.tcpi_bytes_acked = socket.wire.size() + (socket.output_shut ? 1 : 0);
    info.tcpi_bytes_received = socket.taken + socket.unread.size() + (socket.client_done ? 1 : 0);
    info.tcpi_state = established;
    if (socket.client_done) info.tcpi_state = close_wait;
    if (socket.output_shut) info.tcpi_state = socket.client_done ? closed : fin_wait;
    if (socket.reset) info.tcpi_state = closed;
    return info;
}

template <typename Value>
int answer(void* to, socklen_t* length, const Value& value) {
    *length = static_cast<socklen_t>(std::min<std::size_t>(*length, sizeof value));
    std::memcpy(to, &value, *length);
    return 0;
}

}  // namespace

void take_over() {
    point(next::read, fake_read);
    point(next::readv, fake_readv);
    point(next::recv, fake_recv);
    point(next::recvmsg, fake_recvmsg);
    point(next::recvmmsg, fake_recvmmsg);
    point(next::write, fake_write);
    point(next::writev, fake_writev);
    point(next::send, fake_send);
    point(next::sendto, fake_sendto);
    point(next::sendmsg, fake_sendmsg);
    point(next::sendmmsg, fake_sendmmsg);
    point(next::sendfile, fake_sendfile);
    point(next::splice, fake_splice);
    point(next::shutdown, fake_shutdown);
    point(next::close, fake_close);
    point(next::dup, fake_dup);
    point(next::dup2, fake_dup2);
    point(next::dup3, fake_dup3);
    point(next::fcntl, fake_fcntl);
    point(next::accept, fake_accept);
    point(next::accept4, fake_accept4);
    point(next::syscall, fake_syscall);
    point(next::poll, fake_poll);
    catch_raw_calls();
}

}  // namespace lastcall::fake

using lastcall::fake::kernel;
namespace raw = lastcall::raw;

extern "C" int getsockopt(int fd, int level, int name, void* value, socklen_t* length) noexcept {
    using namespace lastcall::fake;
    constexpr int so_cookie = 57;
    const Socket* const socket = kernel.at(fd);
    if (socket == nullptr) {
        return static_cast<int>(raw::call(SYS_getsockopt, fd, level, name, value, length));
    }
    if (level == IPPROTO_TCP && name == TCP_INFO) return answer(value, length, info_of(*socket));
    if (level == SOL_SOCKET && name == so_cookie) return answer(value, length, socket->cookie);
    if (level == SOL_SOCKET && name == SO_PROTOCOL) return answer(value, length, IPPROTO_TCP);
    if (level == SOL_SOCKET && name == SO_RCVTIMEO) return answer(value, length, timeval{});
    return static_cast<int>(fail(ENOPROTOOPT));
}

extern "C" int getsockname(int fd, sockaddr* address, socklen_t* length) noexcept {
    using namespace lastcall::fake;
    if (kernel.at(fd) == nullptr) {
        return static_cast<int>(raw::call(SYS_getsockname, fd, address, length));
    }
    sockaddr_in6 own{};
    own.sin6_port = htons(80);
    return answer(address, length, own);
}

extern "C" int ioctl(int fd, unsigned long request, ...) noexcept {
    va_list rest;
    va_start(rest, request);
    void* const argument = va_arg(rest, void*);
    va_end(rest);
    const lastcall::fake::Socket* const socket = kernel.at(fd);
    if (socket == nullptr) return static_cast<int>(raw::call(SYS_ioctl, fd, request, argument));
    *static_cast<int*>(argument) = request == SIOCINQ ? static_cast<int>(socket->unread.size()) : 0;
    return 0;
}
