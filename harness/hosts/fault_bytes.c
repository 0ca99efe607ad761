/* The calls that move bytes, made short or failed as the schedule says, else made of the kernel.
 * Knows each call's shape. Refuses to know why one fails. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "faults.h"
#include "raw.h"

/* One buffer: `make` is the system call for at most `size` bytes. A peek takes nothing. */
#define ONE_BUFFER(site, fd, full, flags, make)         \
    size_t size = (full);                               \
    int error = fault_of_bytes(site, fd, &size, flags); \
    if (error) {                                        \
        return failed(error);                           \
    }                                                   \
    if ((flags) & (MSG_PEEK | MSG_ERRQUEUE)) {          \
        return answered(make);                          \
    }                                                   \
    return moved(site, fd, make, size, full)

ssize_t read(int fd, void* to, size_t full) {
    ONE_BUFFER(AT_read, fd, full, 0, raw3(SYS_read, fd, to, size));
}

ssize_t recv(int fd, void* to, size_t full, int flags) {
    ONE_BUFFER(AT_recv, fd, full, flags, raw6(SYS_recvfrom, fd, (long)to, (long)size, flags, 0, 0));
}

ssize_t recvfrom(int fd, void* to, size_t full, int flags, struct sockaddr* address,
                 socklen_t* length) {
    ONE_BUFFER(AT_recvfrom, fd, full, flags,
               raw6(SYS_recvfrom, fd, (long)to, (long)size, flags, (long)address, (long)length));
}

ssize_t __read_chk(int fd, void* to, size_t full, size_t room);
ssize_t __read_chk(int fd, void* to, size_t full, size_t room) {
    (void)room;
    ONE_BUFFER(AT___read_chk, fd, full, 0, raw3(SYS_read, fd, to, size));
}

ssize_t __recv_chk(int fd, void* to, size_t full, size_t room, int flags);
ssize_t __recv_chk(int fd, void* to, size_t full, size_t room, int flags) {
    (void)room;
    ONE_BUFFER(AT___recv_chk, fd, full, flags,
               raw6(SYS_recvfrom, fd, (long)to, (long)size, flags, 0, 0));
}

ssize_t __recvfrom_chk(int fd, void* to, size_t full, size_t room, int flags,
                       struct sockaddr* address, socklen_t* length);
ssize_t __recvfrom_chk(int fd, void* to, size_t full, size_t room, int flags,
                       struct sockaddr* address, socklen_t* length) {
    (void)room;
    ONE_BUFFER(AT___recvfrom_chk, fd, full, flags,
               raw6(SYS_recvfrom, fd, (long)to, (long)size, flags, (long)address, (long)length));
}

ssize_t write(int fd, const void* from, size_t full) {
    ONE_BUFFER(AT_write, fd, full, 0, raw3(SYS_write, fd, from, size));
}

ssize_t send(int fd, const void* from, size_t full, int flags) {
    ONE_BUFFER(AT_send, fd, full, flags, raw6(SYS_sendto, fd, (long)from, (long)size, flags, 0, 0));
}

ssize_t sendto(int fd, const void* from, size_t full, int flags, const struct sockaddr* address,
               socklen_t length) {
    ONE_BUFFER(AT_sendto, fd, full, flags,
               raw6(SYS_sendto, fd, (long)from, (long)size, flags, (long)address, (long)length));
}

ssize_t sendfile(int out, int in, off_t* offset, size_t full) {
    ONE_BUFFER(AT_sendfile, out, full, 0,
               raw6(SYS_sendfile, out, in, (long)offset, (long)size, 0, 0));
}

ssize_t sendfile64(int out, int in, off64_t* offset, size_t full) {
    ONE_BUFFER(AT_sendfile64, out, full, 0,
               raw6(SYS_sendfile, out, in, (long)offset, (long)size, 0, 0));
}

ssize_t splice(int in, off64_t* in_offset, int out, off64_t* out_offset, size_t full,
               unsigned flags) {
    ONE_BUFFER(AT_splice, out, full, 0,
               raw6(SYS_splice, in, (long)in_offset, out, (long)out_offset, (long)size, flags));
}

/* ---- several buffers ------------------------------------------------------------------------- */

static size_t sum_of(const struct iovec* parts, size_t count) {
    size_t sum = 0;
    for (size_t i = 0; parts && i < count; ++i) {
        sum += parts[i].iov_len;
    }
    return sum;
}

/* The first `size` bytes of the parts, as parts. */
static size_t cut(const struct iovec* parts, size_t count, size_t size, struct iovec* to) {
    size_t used = 0;
    while (used < count && size > 0) {
        to[used] = parts[used];
        to[used].iov_len = to[used].iov_len < size ? to[used].iov_len : size;
        size -= to[used++].iov_len;
    }
    return used;
}

static ssize_t vector(enum site site, long number, int fd, const struct iovec* parts, int count) {
    if (count <= 0 || count > IOV_MAX || !parts) {
        return answered(raw3(number, fd, parts, count));
    }
    struct iovec less[IOV_MAX];
    size_t full = sum_of(parts, (size_t)count);
    size_t size = full;
    int error = fault_of_bytes(site, fd, &size, 0);
    if (error) {
        return failed(error);
    }
    size_t used = size < full ? cut(parts, (size_t)count, size, less) : (size_t)count;
    return moved(site, fd, raw3(number, fd, size < full ? less : parts, used), size, full);
}

ssize_t readv(int fd, const struct iovec* parts, int count) {
    return vector(AT_readv, SYS_readv, fd, parts, count);
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
    return vector(AT_writev, SYS_writev, fd, parts, count);
}

static ssize_t message(enum site site, long number, int fd, struct msghdr* header, int flags) {
    size_t full = sum_of(header->msg_iov, header->msg_iovlen);
    size_t size = full;
    int error = (flags & MSG_ERRQUEUE) ? 0 : fault_of_bytes(site, fd, &size, flags);
    if (error) {
        return failed(error);
    }
    struct iovec less[IOV_MAX];
    struct iovec* const parts = header->msg_iov;
    const size_t count = header->msg_iovlen;
    if (size < full && count <= IOV_MAX) {
        header->msg_iovlen = cut(parts, count, size, less);
        header->msg_iov = less;
    }
    long answer = raw3(number, fd, header, flags);
    header->msg_iov = parts;
    header->msg_iovlen = count;
    if (flags & (MSG_PEEK | MSG_ERRQUEUE)) {
        return answered(answer);
    }
    return moved(site, fd, answer, size, full);
}

ssize_t recvmsg(int fd, struct msghdr* header, int flags) {
    return message(AT_recvmsg, SYS_recvmsg, fd, header, flags);
}

ssize_t sendmsg(int fd, const struct msghdr* header, int flags) {
    struct msghdr own = *header;
    return message(AT_sendmsg, SYS_sendmsg, fd, &own, flags);
}

/* Fewer messages than asked for are a short count as well. */
int recvmmsg(int fd, struct mmsghdr* messages, unsigned count, int flags, struct timespec* until) {
    (void)until;
    ssize_t size =
        count ? message(AT_recvmmsg, SYS_recvmsg, fd, &messages[0].msg_hdr, flags & ~MSG_WAITFORONE)
              : 0;
    if (size >= 0 && count) {
        messages[0].msg_len = (unsigned)size;
    }
    return size < 0 ? -1 : count > 0;
}

int sendmmsg(int fd, struct mmsghdr* messages, unsigned count, int flags) {
    ssize_t size = count ? message(AT_sendmmsg, SYS_sendmsg, fd, &messages[0].msg_hdr, flags) : 0;
    if (size >= 0 && count) {
        messages[0].msg_len = (unsigned)size;
    }
    return size < 0 ? -1 : count > 0;
}

/* ---- by number ------------------------------------------------------------------------------- */

/* Of the calls with one buffer, in the places of the kernel's own prototypes; false: another call.
 */
static bool one_buffer(long number, const long* words, size_t* full, int* flags) {
    *flags = number == SYS_recvfrom || number == SYS_sendto ? (int)words[3] : 0;
    *full = (size_t)words[2];
    return number == SYS_read || number == SYS_write || number == SYS_recvfrom ||
           number == SYS_sendto;
}

long syscall(long number, ...) {
    long words[6];
    int flags;
    size_t full;
    va_list rest;
    va_start(rest, number);
    for (int i = 0; i < 6; ++i) {
        words[i] = va_arg(rest, long);
    }
    va_end(rest);
    const int fd = (int)words[0];
    if (number == SYS_close) {
        connection_is_over(fd);
    }
    if (!one_buffer(number, words, &full, &flags)) {
        long answer = raw6(number, words[0], words[1], words[2], words[3], words[4], words[5]);
        if (number == SYS_accept4) {
            connection_begins(answer);
        }
        return answered(answer);
    }
    size_t size = full;
    int error = fault_of_bytes(AT_syscall, fd, &size, flags);
    if (error) {
        return failed(error);
    }
    words[2] = (long)size;
    const enum site side = number == SYS_read || number == SYS_recvfrom ? AT_read : AT_write;
    return moved(side, fd, raw6(number, fd, words[1], words[2], words[3], words[4], words[5]), size,
                 full);
}
