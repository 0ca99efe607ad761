/* The ways to receive: one libc call each, or the few that belong together.
 * Knows the calls. Refuses to know what the bytes mean. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host.h"
#include "raw.h"

static ssize_t by_read(int fd, char* buffer, size_t size) { return read(fd, buffer, size); }

static ssize_t by_read_one_byte(int fd, char* buffer, size_t size) {
    return read(fd, buffer, size ? 1 : 0);
}

/* Parts of one byte, none, and the rest: an empty part in the middle is legal. */
static ssize_t by_readv(int fd, char* buffer, size_t size) {
    struct iovec parts[] = {{buffer, 1}, {NULL, 0}, {buffer + 1, 6}, {buffer + 7, size - 7}};
    return readv(fd, parts, 4);
}

static ssize_t by_recv(int fd, char* buffer, size_t size) { return recv(fd, buffer, size, 0); }

static ssize_t by_recvfrom(int fd, char* buffer, size_t size) {
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    return recvfrom(fd, buffer, size, 0, (struct sockaddr*)&peer, &length);
}

static ssize_t by_recvmsg(int fd, char* buffer, size_t size) {
    char control[64];
    struct iovec parts[] = {{buffer, 5}, {buffer + 5, size - 5}};
    struct msghdr message = {.msg_iov = parts,
                             .msg_iovlen = 2,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    return recvmsg(fd, &message, 0);
}

/* Two messages: the second takes what is queued behind the first and never waits. */
static ssize_t in_two_messages(int fd, char* buffer, size_t size, size_t small) {
    struct iovec parts[] = {{buffer, small}, {buffer + small, size - small}};
    struct mmsghdr messages[2];
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < 2; ++i) {
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    int count = recvmmsg(fd, messages, 2, MSG_WAITFORONE, NULL);
    if (count < 0) {
        return count;
    }
    size_t first = messages[0].msg_len;
    size_t second = count > 1 ? messages[1].msg_len : 0;
    memmove(buffer + first, buffer + small, second);
    return (ssize_t)(first + second);
}

/* The first too small for a request. */
static ssize_t by_recvmmsg(int fd, char* buffer, size_t size) {
    return in_two_messages(fd, buffer, size, 16);
}

/* The first large enough for the requests of a test and the beginning of the next. */
static ssize_t by_recvmmsg_wide(int fd, char* buffer, size_t size) {
    return in_two_messages(fd, buffer, size, 100);
}

static ssize_t by_peeks_then_recv(int fd, char* buffer, size_t size) {
    ssize_t seen = recv(fd, buffer, 1, MSG_PEEK);
    if (seen <= 0) {
        return seen;
    }
    (void)recv(fd, buffer, size < 24 ? size : 24, MSG_PEEK);
    return recv(fd, buffer, size, 0);
}

static ssize_t by_peek_of_all_then_read(int fd, char* buffer, size_t size) {
    ssize_t seen = recv(fd, buffer, size, MSG_PEEK);
    return seen <= 0 ? seen : read(fd, buffer, (size_t)seen);
}

/* Linux has it for TCP since 6.9. What is behind the head is peeked alone, and then all is read. */
static ssize_t by_peek_ahead_then_read(int fd, char* buffer, size_t size) {
    int offset = 0;
    if (setsockopt(fd, SOL_SOCKET, SO_PEEK_OFF, &offset, sizeof offset) != 0) {
        give_up("SO_PEEK_OFF");
    }
    ssize_t seen = recv(fd, buffer, size, MSG_PEEK);
    char* end = seen > 0 ? memmem(buffer, (size_t)seen, "\r\n\r\n", 4) : NULL;
    if (!end) {
        return seen <= 0 ? seen : read(fd, buffer, (size_t)seen);
    }
    offset = (int)(end + 4 - buffer);
    (void)setsockopt(fd, SOL_SOCKET, SO_PEEK_OFF, &offset, sizeof offset);
    size_t head = (size_t)offset;
    ssize_t ahead = recv(fd, buffer + head, size - head, MSG_PEEK | MSG_DONTWAIT);
    trace("peeked %zd, and %zd ahead", seen, ahead);
    return read(fd, buffer, head + (ahead > 0 ? (size_t)ahead : 0));
}

static ssize_t by_syscall_read(int fd, char* buffer, size_t size) {
    return syscall(SYS_read, fd, buffer, size);
}

static ssize_t by_syscall_recvfrom(int fd, char* buffer, size_t size) {
    return syscall(SYS_recvfrom, fd, buffer, size, 0, NULL, NULL);
}

static ssize_t by_syscall_readv(int fd, char* buffer, size_t size) {
    struct iovec parts[] = {{buffer, 5}, {buffer + 5, size - 5}};
    return syscall(SYS_readv, fd, parts, 2);
}

static ssize_t by_syscall_recvmmsg(int fd, char* buffer, size_t size) {
    struct iovec part = {buffer, size};
    struct mmsghdr message = {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}};
    long count = syscall(SYS_recvmmsg, fd, &message, 1, 0, NULL);
    return count <= 0 ? count : (ssize_t)message.msg_len;
}

/* The bytes go where nobody can see what they are. */
static ssize_t by_splice(int fd, char* buffer, size_t size) {
    int ends[2];
    if (pipe(ends) != 0) {
        return -1;
    }
    ssize_t moved = splice(fd, NULL, ends[1], NULL, size, 0);
    int why = errno;
    if (moved > 0) {
        moved = read(ends[0], buffer, (size_t)moved);
    }
    (void)close(ends[0]);
    (void)close(ends[1]);
    errno = why;
    return moved;
}

/* A head is read alone, and what is behind it spliced, as a proxy does with bodies. */
static ssize_t by_splice_behind_heads(int fd, char* buffer, size_t size) {
    ssize_t seen = recv(fd, buffer, size, MSG_PEEK);
    if (seen <= 0) {
        return seen;
    }
    char* end = memmem(buffer, (size_t)seen, "\r\n\r\n", 4);
    return end ? read(fd, buffer, (size_t)(end + 4 - buffer)) : by_splice(fd, buffer, size);
}

static ssize_t by_syscall_recvmsg(int fd, char* buffer, size_t size) {
    struct iovec part = {buffer, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    return syscall(SYS_recvmsg, fd, &message, 0);
}

/* Behind every library's back. */
static ssize_t by_raw(int fd, char* buffer, size_t size) {
    long result = raw3(SYS_read, fd, buffer, size);
    if (result < 0) {
        errno = (int)-result;
        return -1;
    }
    return result;
}

#ifdef __GLIBC__
/* What a fortified build of the plain calls turns into when the size is not a constant. */
extern ssize_t __read_chk(int, void*, size_t, size_t);
extern ssize_t __recv_chk(int, void*, size_t, size_t, int);
extern ssize_t __recvfrom_chk(int, void*, size_t, size_t, int, struct sockaddr*, socklen_t*);

static ssize_t by_read_chk(int fd, char* buffer, size_t size) {
    return __read_chk(fd, buffer, size, size);
}

static ssize_t by_recv_chk(int fd, char* buffer, size_t size) {
    return __recv_chk(fd, buffer, size, size, 0);
}

static ssize_t by_recvfrom_chk(int fd, char* buffer, size_t size) {
    return __recvfrom_chk(fd, buffer, size, size, 0, NULL, NULL);
}
#endif

static const struct {
    const char* name;
    receive_way way;
} ways[] = {
    {"read", by_read},
    {"one-byte", by_read_one_byte},
    {"readv", by_readv},
    {"recv", by_recv},
    {"recvfrom", by_recvfrom},
    {"recvmsg", by_recvmsg},
    {"recvmmsg", by_recvmmsg},
    {"recvmmsg-wide", by_recvmmsg_wide},
    {"peek-then-recv", by_peeks_then_recv},
    {"peek-all-then-read", by_peek_of_all_then_read},
    {"peek-ahead-then-read", by_peek_ahead_then_read},
    {"syscall", by_syscall_read},
    {"syscall-recvfrom", by_syscall_recvfrom},
    {"syscall-recvmsg", by_syscall_recvmsg},
    {"syscall-readv", by_syscall_readv},
    {"syscall-recvmmsg", by_syscall_recvmmsg},
    {"splice", by_splice},
    {"splice-behind-heads", by_splice_behind_heads},
    {"raw", by_raw},
    {"io_uring", receive_by_ring},
#ifdef __GLIBC__
    {"read_chk", by_read_chk},
    {"recv_chk", by_recv_chk},
    {"recvfrom_chk", by_recvfrom_chk},
#endif
};

receive_way receive_named(const char* name) {
    for (size_t i = 0; i < sizeof ways / sizeof *ways; ++i) {
        if (strcmp(ways[i].name, name) == 0) {
            return ways[i].way;
        }
    }
    give_up("no such way to receive");
}
