// The exported functions that move bytes. No decision is made here.

#include "surface.hpp"

using namespace lastcall;

LASTCALL_EXPORT ssize_t read(int fd, void* to, size_t size) {
    return surface::receive<next::read>(fd, to, size, surface::NoFlags{});
}

LASTCALL_EXPORT ssize_t __read_chk(int fd, void* to, size_t size, size_t room) {
    return surface::receive<next::__read_chk>(fd, to, size, surface::NoFlags{}, room);
}

LASTCALL_EXPORT ssize_t readv(int fd, const iovec* parts, int count) {
    return surface::receive_vector<next::readv>(fd, parts, count);
}

LASTCALL_EXPORT ssize_t recv(int fd, void* to, size_t size, int flags) {
    return surface::receive<next::recv>(fd, to, size, flags, flags);
}

LASTCALL_EXPORT ssize_t __recv_chk(int fd, void* to, size_t size, size_t room, int flags) {
    return surface::receive<next::__recv_chk>(fd, to, size, flags, room, flags);
}

LASTCALL_EXPORT ssize_t recvfrom(int fd, void* to, size_t size, int flags, sockaddr* address,
                                 socklen_t* length) {
    return surface::without_sender(
        fd, address == nullptr ? nullptr : length, flags,
        surface::receive<next::recvfrom>(fd, to, size, flags, flags, address, length));
}

LASTCALL_EXPORT ssize_t __recvfrom_chk(int fd, void* to, size_t size, size_t room, int flags,
                                       sockaddr* address, socklen_t* length) {
    return surface::without_sender(
        fd, address == nullptr ? nullptr : length, flags,
        surface::receive<next::__recvfrom_chk>(fd, to, size, flags, room, flags, address, length));
}

LASTCALL_EXPORT ssize_t recvmsg(int fd, msghdr* message, int flags) {
    return surface::receive_message(fd, message, flags,
                                    [&] { return next::recvmsg(fd, message, flags); });
}

LASTCALL_EXPORT int recvmmsg(int fd, mmsghdr* messages, unsigned count, int flags,
                             timespec* timeout) {
    return surface::receive_messages(fd, messages, count, flags, timeout);
}

LASTCALL_EXPORT ssize_t write(int fd, const void* from, size_t size) {
    return surface::transmit<next::write>(fd, from, size, surface::NoFlags{});
}

LASTCALL_EXPORT ssize_t writev(int fd, const iovec* parts, int count) {
    return surface::transmit_vector<next::writev>(fd, parts, count);
}

LASTCALL_EXPORT ssize_t send(int fd, const void* from, size_t size, int flags) {
    return surface::transmit<next::send>(fd, from, size, flags, flags);
}

LASTCALL_EXPORT ssize_t sendto(int fd, const void* from, size_t size, int flags,
                               const sockaddr* address, socklen_t length) {
    return surface::transmit<next::sendto>(fd, from, size, flags, flags, address, length);
}

LASTCALL_EXPORT ssize_t sendmsg(int fd, const msghdr* message, int flags) {
    return surface::transmit_message(fd, message, flags,
                                     [&] { return next::sendmsg(fd, message, flags); });
}

LASTCALL_EXPORT int sendmmsg(int fd, mmsghdr* messages, unsigned count, int flags) {
    return surface::transmit_messages(fd, messages, count, flags);
}

LASTCALL_EXPORT ssize_t sendfile(int out, int in, off_t* offset, size_t size) {
    return surface::send_file(out, in, offset, size, [&](std::size_t part) {
        return next::sendfile(out, in, offset, part);
    });
}

// Where off_t has 64 bits, as on every machine we build for, the two are one.
LASTCALL_EXPORT ssize_t sendfile64(int out, int in, off_t* offset, size_t size) {
    return surface::send_file(out, in, offset, size, [&](std::size_t part) {
        return next::sendfile64(out, in, offset, part);
    });
}

// Neither a pipe nor a socket has an offset; the kernel says so.
LASTCALL_EXPORT ssize_t splice(int in, off_t* in_offset, int out, off_t* out_offset, size_t size,
                               unsigned flags) {
    if (in_offset != nullptr || out_offset != nullptr) {
        return next::splice(in, in_offset, out, out_offset, size, flags);
    }
    return surface::splice_pipe(in, out, size, flags, [&](std::size_t part) {
        return next::splice(in, in_offset, out, out_offset, part, flags);
    });
}
