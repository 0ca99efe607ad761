/* A server of one HTTP/2 connection that writes in the way named, and looks at nothing: a greeting of
 * one size, then requests of another, each answered by HEADERS and DATA of PAYLOAD bytes.
 *
 *   frames WAY PACE MODE REQUESTS PAYLOAD NTH
 *
 * PACE: "whole" writes a response at once; "astride" the second half of one with the first half of the
 * next, so that no write but the first begins with a frame. MODE: "blocking", or "edge": told once that
 * there is room, with small buffers. Says its port, and how many bytes it had been told were taken when
 * it had read the NTH request. Knows nothing of a limit. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "takes.h"

enum { ROOM = 4 << 20, SMALL = 4608 };

static char wire[ROOM];
static size_t taken;
static int edge, queue, zero_copies, file, ends[2];

static void demand(int holds, const char* what) {
    if (!holds) {
        perror(what);
        exit(1);
    }
}

static char* frame(char* to, size_t length, int type, int flags, unsigned stream) {
    const char header[HEADER] = {(char)(length >> 16), (char)(length >> 8), (char)length, (char)type,
                                 (char)flags, 0, 0, (char)(stream >> 8), (char)stream};
    memcpy(to, header, sizeof header);
    for (size_t i = 0; i < length; ++i) to[HEADER + i] = (char)('a' + (i + stream) % 26);
    return to + HEADER + length;
}

/* ---- The ways ---------------------------------------------------------------------------------- */

static ssize_t by_write(int fd, const char* bytes, size_t size) { return write(fd, bytes, size); }
static ssize_t by_send(int fd, const char* bytes, size_t size) { return send(fd, bytes, size, 0); }
static ssize_t by_pieces(int fd, const char* bytes, size_t size) {
    return write(fd, bytes, size < 7 ? size : 7);
}
static ssize_t by_more(int fd, const char* bytes, size_t size) {
    size_t part = size < 700 ? size : 700;
    return send(fd, bytes, part, part < size ? MSG_MORE : 0);
}

static int parts_of(const char* bytes, size_t size, struct iovec* parts, int most) {
    int count = 0;
    for (size_t step = size / (size_t)most + 1, at = 0; at < size; at += step, ++count)
        parts[count] = (struct iovec){(char*)bytes + at, step < size - at ? step : size - at};
    return count;
}

static ssize_t by_writev(int fd, const char* bytes, size_t size) {
    struct iovec parts[3];
    return writev(fd, parts, parts_of(bytes, size, parts, 3));
}
static ssize_t by_most_parts(int fd, const char* bytes, size_t size) {
    static struct iovec parts[1024];
    return writev(fd, parts, parts_of(bytes, size, parts, 1024));
}

static ssize_t message(int fd, const char* bytes, size_t size, void* control, size_t length) {
    struct iovec parts[5];
    struct msghdr all = {.msg_iov = parts, .msg_control = control, .msg_controllen = length};
    all.msg_iovlen = (size_t)parts_of(bytes, size, parts, 5);
    return sendmsg(fd, &all, MSG_NOSIGNAL);
}
static ssize_t by_sendmsg(int fd, const char* bytes, size_t size) {
    return message(fd, bytes, size, NULL, 0);
}
/* Asks for no time stamp, which is the same as asking for nothing. */
static ssize_t by_control(int fd, const char* bytes, size_t size) {
    _Alignas(struct cmsghdr) char room[CMSG_SPACE(sizeof(unsigned))] = {0};
    struct cmsghdr* part = (struct cmsghdr*)room;
    *part = (struct cmsghdr){CMSG_LEN(sizeof(unsigned)), SOL_SOCKET, SO_TIMESTAMPING_OLD};
    return message(fd, bytes, size, room, sizeof room);
}

static ssize_t by_sendmmsg(int fd, const char* bytes, size_t size) {
    struct iovec parts[3];
    struct mmsghdr all[3] = {0};
    int count = parts_of(bytes, size, parts, 3), sent;
    for (int i = 0; i < count; ++i) all[i].msg_hdr = (struct msghdr){.msg_iov = parts + i, .msg_iovlen = 1};
    if ((sent = sendmmsg(fd, all, (unsigned)count, 0)) < 0) return -1;
    ssize_t sum = 0;
    for (int i = 0; i < sent; ++i) sum += all[i].msg_len;
    return sum;
}

/* Each successful call is one completion, and no other. */
static ssize_t by_zerocopy(int fd, const char* bytes, size_t size) {
    ssize_t sent = send(fd, bytes, size, MSG_ZEROCOPY);
    zero_copies += sent > 0;
    return sent;
}

/* A frame's header, and then its payload unseen. Within a payload: the rest of it. */
static size_t headers_before(const char* bytes) { /* what is to be written plainly */
    size_t at = (size_t)(bytes - wire), begin = 0;
    for (;;) {
        size_t length = (size_t)(unsigned char)wire[begin] << 16 |
                        (size_t)(unsigned char)wire[begin + 1] << 8 | (unsigned char)wire[begin + 2];
        if (at < begin + HEADER) return begin + HEADER - at;
        if (at < begin + HEADER + length) return 0;
        begin += HEADER + length;
    }
}
static size_t payload_left(const char* bytes) {
    size_t at = (size_t)(bytes - wire), begin = 0;
    for (;;) {
        size_t length = (size_t)(unsigned char)wire[begin] << 16 |
                        (size_t)(unsigned char)wire[begin + 1] << 8 | (unsigned char)wire[begin + 2];
        if (at < begin + HEADER + length) return begin + HEADER + length - at;
        begin += HEADER + length;
    }
}
static ssize_t unseen(int fd, const char* bytes, size_t size, int piped) {
    size_t plain = headers_before(bytes), left = payload_left(bytes);
    if (plain) return write(fd, bytes, plain < size ? plain : size);
    if (left > size) left = size;
    demand(pwrite(file, wire, (size_t)(bytes - wire) + left, 0) > 0, "the file");
    off_t from = bytes - wire;
    if (!piped) return sendfile(fd, file, &from, left);
    if (left > 4096) left = 4096;
    demand(write(ends[1], bytes, left) == (ssize_t)left, "the pipe");
    ssize_t sent = splice(ends[0], NULL, fd, NULL, left, 0);
    for (ssize_t back = sent < 0 ? 0 : sent; back < (ssize_t)left;) {
        char away[4096];
        ssize_t got = read(ends[0], away, (size_t)((ssize_t)left - back));
        demand(got > 0, "the pipe's rest");
        back += got;
    }
    return sent;
}
static ssize_t by_sendfile(int fd, const char* bytes, size_t size) { return unseen(fd, bytes, size, 0); }
static ssize_t by_splice(int fd, const char* bytes, size_t size) { return unseen(fd, bytes, size, 1); }

static const struct way {
    const char* name;
    ssize_t (*put)(int fd, const char* bytes, size_t size);
} ways[] = {{"write", by_write},       {"send", by_send},         {"pieces", by_pieces},
            {"more", by_more},         {"writev", by_writev},     {"most-parts", by_most_parts},
            {"sendmsg", by_sendmsg},   {"control", by_control},   {"sendmmsg", by_sendmmsg},
            {"zerocopy", by_zerocopy}, {"sendfile", by_sendfile}, {"splice", by_splice}};
static const struct way* way;

/* ---- The loop ---------------------------------------------------------------------------------- */

static void await_room(int fd) {
    struct epoll_event event;
    int ready;
    do ready = epoll_wait(queue, &event, 1, PATIENCE);
    while (ready == 1 && !(event.events & EPOLLOUT));
    demand(ready == 1, "told of room");
    (void)fd;
}

static void put_until(int fd, size_t end) {
    while (taken < end) {
        errno = 0;
        ssize_t sent = way->put(fd, wire + taken, end - taken);
        demand(sent <= (ssize_t)(end - taken), "told of more than it offered");
        demand(sent < 0 || errno == 0, "errno after success");
        if (sent > 0) taken += (size_t)sent;
        demand(sent > 0 || (edge && errno == EAGAIN), "a write");
        if (sent < 0) await_room(fd);
    }
}

static int completions(int fd) {
    int found = 0;
    while (found < zero_copies) {
        char room[256];
        struct msghdr all = {.msg_control = room, .msg_controllen = sizeof room};
        struct pollfd errors = {.fd = fd, .events = 0};
        if (poll(&errors, 1, PATIENCE) != 1) return found;
        if (recvmsg(fd, &all, MSG_ERRQUEUE) < 0) continue;
        for (struct cmsghdr* part = CMSG_FIRSTHDR(&all); part; part = CMSG_NXTHDR(&all, part)) {
            struct sock_extended_err* done = (void*)CMSG_DATA(part);
            found = (int)done->ee_data + 1;
        }
    }
    return found;
}

static int client(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd, yes = 1, small = SMALL, listener = socket(AF_INET, SOCK_STREAM, 0);
    if (edge) setsockopt(listener, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    demand(bind(listener, (struct sockaddr*)&address, length) == 0 && listen(listener, 4) == 0, "listen");
    demand(getsockname(listener, (struct sockaddr*)&address, &length) == 0, "name");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    demand((fd = accept(listener, NULL, NULL)) >= 0, "accept");
    demand(setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &yes, sizeof yes) == 0, "zerocopy");
    if (edge) {
        struct epoll_event both = {.events = EPOLLOUT | EPOLLIN | EPOLLET};
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        queue = epoll_create1(0);
        demand(epoll_ctl(queue, EPOLL_CTL_ADD, fd, &both) == 0, "epoll");
    }
    return fd;
}

int main(int count, char** words) {
    demand(count == 7, "arguments");
    for (size_t i = 0; i < sizeof ways / sizeof *ways; ++i)
        if (!strcmp(ways[i].name, words[1])) way = ways + i;
    const int astride = !strcmp(words[2], "astride"), requests = atoi(words[4]), nth = atoi(words[6]);
    edge = !strcmp(words[3], "edge");
    file = open(".", O_TMPFILE | O_RDWR, 0600);
    demand(way && file >= 0 && pipe(ends) == 0, "the way");

    char* end = frame(wire, 0, 4, 0, 0);
    int fd = client();
    put_until(fd, (size_t)(end - wire));
    take(fd, GREETING);
    for (int i = 1; i <= requests; ++i) {
        take(fd, REQUEST);
        if (i == nth) printf("due %zu\n", taken);
        end = frame(end, 1, 1, 4, (unsigned)(2 * i - 1));
        char* data = end;
        end = frame(end, (size_t)atoi(words[5]), 0, 1, (unsigned)(2 * i - 1));
        put_until(fd, (size_t)((astride && i < requests ? data + (end - data) / 2 : end) - wire));
    }
    if (zero_copies) printf("completions %d of %d\n", completions(fd), zero_copies);
    fflush(stdout);
    close(fd);
    return 0;
}
