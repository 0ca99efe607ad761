// Each way is one call of the server's, or two where one brings the bytes to where the other takes
// them from.

#include "calls_ways.hpp"

#include "law.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>

namespace lastcall::fake {

Helpers helpers;

namespace {

ssize_t into_pipe(int fd, char* to, std::size_t size) {
    const ssize_t moved = ::splice(fd, nullptr, helpers.pipe[1], nullptr, size, 2);
    if (moved <= 0) return moved;
    return ::read(helpers.pipe[0], to, size);
}

ssize_t by_pipe(int fd, const std::string& text) {
    if (text.empty()) return 0;
    if (::write(helpers.pipe[1], text.data(), text.size()) < 0) return 0;
    const ssize_t moved = ::splice(helpers.pipe[0], nullptr, fd, nullptr, text.size(), 2);
    const int why = errno;
    std::array<char, 8192> rest;
    const std::size_t left = text.size() - static_cast<std::size_t>(std::max<ssize_t>(moved, 0));
    if (left > 0)
        law(::read(helpers.pipe[0], rest.data(), rest.size()) == static_cast<ssize_t>(left));
    errno = why;
    return moved;
}

ssize_t by_file(int fd, const std::string& text, bool with_offset) {
    law(::ftruncate(helpers.file, 0) == 0);
    law(::pwrite(helpers.file, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    ::lseek(helpers.file, 0, SEEK_SET);
    off_t offset = 0;
    errno = 0;
    const ssize_t size = ::sendfile(fd, helpers.file, with_offset ? &offset : nullptr, text.size());
    const off_t moved = with_offset ? offset : ::lseek(helpers.file, 0, SEEK_CUR);
    law(moved == std::max<ssize_t>(size, 0));
    return size;
}

}  // namespace

ssize_t receive(int fd, unsigned way, char* to, std::size_t size) {
    std::array<iovec, 2> halves{{{to, size / 3}, {to + size / 3, size - size / 3}}};
    msghdr message{};
    message.msg_iov = halves.data();
    message.msg_iovlen = halves.size();
    std::array<mmsghdr, 2> messages{};
    switch (way) {
        case 1: return ::recv(fd, to, size, MSG_PEEK);
        case 2: return ::recv(fd, to, size, MSG_DONTWAIT);
        case 3: return ::readv(fd, halves.data(), 2);
        case 4: return ::recvmsg(fd, &message, 0);
        case 5: return ::syscall(SYS_read, fd, to, size, 0L, 0L, 0L);
        case 6: return into_pipe(fd, to, size);
        case 7: {
            for (std::size_t i = 0; i < 2; ++i) {
                messages[i].msg_hdr.msg_iov = &halves[i];
                messages[i].msg_hdr.msg_iovlen = 1;
            }
            if (size < 3) return ::read(fd, to, size);
            const int count = ::recvmmsg(fd, messages.data(), 2, 0, nullptr);
            if (count <= 0) return count;
            law(messages[0].msg_len <= halves[0].iov_len);
            if (count == 1) return messages[0].msg_len;
            law(messages[1].msg_len <= halves[1].iov_len);
            std::memmove(to + messages[0].msg_len, halves[1].iov_base, messages[1].msg_len);
            return messages[0].msg_len + messages[1].msg_len;
        }
        case 10: return ::recv(fd, to, size, MSG_OOB);
        default: return ::read(fd, to, size);
    }
}

ssize_t transmit(int fd, unsigned way, const std::string& text) {
    char* const start = const_cast<char*>(text.data());
    const std::size_t size = text.size();
    std::array<iovec, 3> parts{
        {{start, size / 3}, {start, 0}, {start + size / 3, size - size / 3}}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    std::array<mmsghdr, 2> messages{};
    switch (way) {
        case 1: return ::writev(fd, parts.data(), 3);
        case 2: return ::send(fd, start, size, MSG_NOSIGNAL);
        case 3: return ::send(fd, start, size, MSG_MORE);
        case 4: return ::sendmsg(fd, &message, 0);
        case 5: return by_file(fd, text, true);
        case 6: return by_file(fd, text, false);
        case 7: return by_pipe(fd, text);
        case 8: return ::syscall(SYS_write, fd, start, size, 0L, 0L, 0L);
        case 9: {
            messages[0].msg_hdr.msg_iov = parts.data();
            messages[0].msg_hdr.msg_iovlen = 1;
            messages[1].msg_hdr.msg_iov = &parts[2];
            messages[1].msg_hdr.msg_iovlen = 1;
            if (size < 3) return ::write(fd, start, size);
            const int count = ::sendmmsg(fd, messages.data(), 2, 0);
            if (count <= 0) return count;
            law(messages[0].msg_len <= parts[0].iov_len);
            return messages[0].msg_len + (count == 2 ? messages[1].msg_len : 0);
        }
        case 11: return ::send(fd, start, size, MSG_FASTOPEN);  // a flag that is not plain
        case 12: return ::sendmsg(fd, &message, MSG_ZEROCOPY | MSG_NOSIGNAL);
        case 13: {
            std::array<char, 64> control{};
            message.msg_control = control.data();
            message.msg_controllen = CMSG_LEN(sizeof(int));
            return ::sendmsg(fd, &message, MSG_DONTWAIT);
        }
        case 14: return ::send(fd, start, size, MSG_OOB);
        case 15: return ::sendto(fd, start, size, MSG_DONTWAIT | MSG_MORE, nullptr, 0);
        default: return ::write(fd, start, size);
    }
}

}  // namespace lastcall::fake
