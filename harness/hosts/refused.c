/* /refused/NAME: calls that the kernel refuses, or that say nothing of the bytes, made behind a response;
 * and /broken/NAME: a body offered from where it cannot be read.
 * Knows the calls. Refuses to know what they must return: the bare run says. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host.h"
#include "send.h"

enum { TOO_MANY = 1025, UNKNOWN_FLAG = 64 };

/* Volatile, as compilers know better. */
static void* volatile nowhere = (void*)8;
static volatile size_t no_size = (size_t)-1;
static volatile int fewer = -1;

/* ---- descriptors ---------------------------------------------------------------------------- */

static void refused_numbers(int fd) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(1),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    trace_result("dup2 of nothing", dup2(-1, fd));
    trace_result("dup3 wrongly", dup3(1, fd, UNKNOWN_FLAG));
    trace_result("syscall dup3 wrongly", syscall(SYS_dup3, 1, fd, UNKNOWN_FLAG));
    trace_result("connect", connect(fd, (struct sockaddr*)&address, sizeof address));
    trace_result("listen", listen(fd, 1));
    trace_result("close_range wrongly", syscall(SYS_close_range, fd, fd, UNKNOWN_FLAG));
    trace_result("close_range backwards", syscall(SYS_close_range, fd + 1, fd, 0));
}

static void refused_peer(int fd) {
    struct sockaddr_in6 name;
    struct sockaddr_in6 again;
    socklen_t length = sizeof name;
    socklen_t brief = 4;
    struct pollfd one = {.fd = fd, .events = POLLIN | POLLRDHUP};
    memset(&name, 0, sizeof name);
    memset(&again, 0, sizeof again);
    (void)poll(&one, 1, 10000);
    trace_result("getpeername", getpeername(fd, (struct sockaddr*)&name, &length));
    trace("family %d length %u", name.sin6_family, (unsigned)length);
    trace_result("getpeername", syscall(SYS_getpeername, fd, &again, &brief));
    trace("alike %d length %u", memcmp(&name, &again, 4) == 0, (unsigned)brief);
    trace_result("getpeername to nowhere", getpeername(fd, nowhere, &length));
}

/* What the kernel says of a message at the end of the bytes, and what it leaves as it was. */
static void refused_ends(int fd) {
    enum { INQ = 36 }; /* TCP_INQ */
    char byte;
    char control[128];
    int on = 1;
    socklen_t length = 77;
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_namelen = 66,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    struct pollfd one = {.fd = fd, .events = POLLIN | POLLRDHUP};
    (void)setsockopt(fd, IPPROTO_TCP, INQ, &on, sizeof on);
    (void)poll(&one, 1, 10000);
    trace_result("recvfrom nobody", recvfrom(fd, &byte, 1, 0, NULL, &length));
    trace_result("syscall recvfrom nobody", syscall(SYS_recvfrom, fd, &byte, 1L, 0L, NULL, &length));
    trace("length %u", (unsigned)length);
    trace_result("recvmsg", recvmsg(fd, &message, 0));
    trace("name %u control %zu flags %d", (unsigned)message.msg_namelen,
          (size_t)message.msg_controllen, message.msg_flags);
}

/* ---- bytes ---------------------------------------------------------------------------------- */

static void refused_reads(int fd) {
    char byte;
    struct iovec part = {&byte, 1};
    trace_result("read of nothing", read(fd, &byte, 0));
    trace_result("readv of no parts", readv(fd, &part, 0));
    trace_result("readv of fewer", readv(fd, &part, fewer));
    trace_result("urgent byte", recv(fd, &byte, 1, MSG_OOB));
    trace_result("error queue", recv(fd, &byte, 1, MSG_ERRQUEUE | MSG_DONTWAIT));
#ifdef __GLIBC__ /* musl looks into the messages itself */
    trace_result("recvmmsg to nowhere", recvmmsg(fd, NULL, 1, MSG_DONTWAIT, NULL));
#endif
}

static void refused_vectors(int fd) {
    static struct iovec many[TOO_MANY];
    struct iovec endless = {many, no_size};
    struct msghdr message = {.msg_iov = many, .msg_iovlen = TOO_MANY};
    trace_result("writev of many parts", writev(fd, many, TOO_MANY));
    trace_result("sendmsg of many parts", sendmsg(fd, &message, MSG_NOSIGNAL));
    trace_result("writev of nowhere", writev(fd, nowhere, 1));
    trace_result("writev without end", writev(fd, &endless, 1));
    trace_result("write without end", write(fd, many, no_size));
}

static void refused_files(int fd) {
    int file = file_with("file", 4);
    int ends[2];
    off_t offset = -1;
    if (pipe(ends) != 0) {
        give_up("pipe");
    }
    trace_result("sendfile before the start", sendfile(fd, file, &offset, 4));
    trace_result("sendfile from nowhere", sendfile(fd, file, nowhere, 4));
    trace_result("sendfile of a pipe", sendfile(fd, ends[0], NULL, 4));
    offset = 0;
    trace_result("splice at an offset", splice(ends[0], &offset, fd, NULL, 4, 0));
    trace_result("splice to an offset", splice(ends[0], NULL, fd, &offset, 4, 0));
    trace_result("splice of a file", splice(file, NULL, fd, NULL, 4, 0));
    trace_result("splice without waiting", splice(ends[0], NULL, fd, NULL, 4, SPLICE_F_NONBLOCK));
    (void)close(ends[1]);
    trace_result("splice at the end", splice(ends[0], NULL, fd, NULL, 4, SPLICE_F_NONBLOCK));
    trace("position %ld", (long)lseek(file, 0, SEEK_CUR));
    (void)close(ends[0]);
    (void)close(file);
}

bool act_refused(struct connection* connection, const char* name) {
    static const struct {
        const char* name;
        void (*make)(int fd);
    } all[] = {{"numbers", refused_numbers},
               {"peer", refused_peer},
               {"ends", refused_ends},
               {"reads", refused_reads},
               {"vectors", refused_vectors},
               {"files", refused_files}};
    if (!respond(connection)) {
        return false;
    }
    for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
        if (strcmp(all[i].name, name) == 0) {
            all[i].make(connection->out);
            return true;
        }
    }
    give_up("no such refused call");
}

/* What a read says of its message when the client says nothing. */
bool act_silent(struct connection* connection, const char* call) {
    char byte;
    char control[64];
    struct sockaddr_storage peer;
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_name = &peer,
                             .msg_namelen = sizeof peer,
                             .msg_control = control,
                             .msg_controllen = sizeof control,
                             .msg_flags = MSG_TRUNC};
    socklen_t length = sizeof peer;
    if (!respond(connection)) {
        return false;
    }
    if (strcmp(call, "recvmsg") == 0) {
        trace_result("silent", recvmsg(connection->in, &message, 0));
        trace("name %u control %zu flags %d", (unsigned)message.msg_namelen,
              (size_t)message.msg_controllen, message.msg_flags);
    } else {
        trace_result("silent", recvfrom(connection->in, &byte, 1, 0, (struct sockaddr*)&peer, &length));
        trace("name %u", (unsigned)length);
    }
    return false;
}

/* ---- a body that cannot be read ------------------------------------------------------------- */

enum { PAGE = 4096, HOLE = 32 * PAGE, CHUNKS = 300, CHUNK = 1000 };

static size_t in_chunks(char* bytes) {
    char* at = bytes;
    at += sprintf(at, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < CHUNKS; ++i) {
        at += sprintf(at, "%x\r\n", CHUNK);
        memset(at, 'a' + i % 26, CHUNK);
        at += CHUNK;
        at += sprintf(at, "\r\n");
    }
    at += sprintf(at, "0\r\n\r\n");
    return (size_t)(at - bytes);
}

/* A response in chunks, in memory with a hole that is closed once the kernel has met it. */
static bool broken_hole(int fd) {
    size_t room = 4 * HOLE;
    char* bytes = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes == MAP_FAILED) {
        give_up("memory for a hole");
    }
    size_t all = in_chunks(bytes);
    (void)mprotect(bytes + HOLE, PAGE, PROT_NONE);
    ssize_t first = write(fd, bytes, all);
    trace("up to the hole %d", first > 0 && first <= HOLE); /* in pieces of the kernel's */
    (void)mprotect(bytes + HOLE, PAGE, PROT_READ);
    bool sent = first > 0 && send_all(fd, bytes + first, all - (size_t)first);
    (void)munmap(bytes, room);
    return sent;
}

/* As servers do that do not look at what read(2) told them. */
static bool broken_size(int fd, const struct response* whole) {
    const char* body = whole->bytes + whole->head;
    bool sent = send_all(fd, whole->bytes, whole->head);
    trace_result("without end", write(fd, body, no_size));
    return sent && send_all(fd, body, whole->all - whole->head);
}

bool act_broken(struct connection* connection, const char* name) {
    if (strcmp(name, "hole") == 0) {
        return broken_hole(connection->out);
    }
    struct response* response = response_make(connection, 0);
    bool sent = broken_size(connection->out, response);
    response_free(response);
    return sent;
}
