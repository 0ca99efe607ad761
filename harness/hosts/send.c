/* The ways to send a response in pieces, one a call, and how a server goes on after a short count
 * or a full socket. Knows the calls. Refuses to know what the bytes mean, except where the head
 * ends. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "raw.h"
#include "send.h"

enum { PATIENCE_MS = 10000 };

bool wait_for(int fd, short events) {
    struct pollfd one = {.fd = fd, .events = events};
    int ready;
    do {
        ready = poll(&one, 1, PATIENCE_MS);
    } while (ready < 0 && errno == EINTR);
    return ready == 1;
}

/* How often a socket is full is a matter of time, so only what was accepted is worth a line. */
bool may_retry(const char* call, int fd, ssize_t result) {
    if (result >= 0) {
        trace("%s %zd", call, result);
        return true;
    }
    if (errno == EINTR) {
        return true;
    }
    if (errno == EAGAIN && wait_for(fd, POLLOUT)) {
        return true;
    }
    trace_result(call, result);
    return false;
}

void advance(struct iovec* parts, int count, size_t by) {
    for (int i = 0; i < count && by > 0; ++i) {
        size_t step = by < parts[i].iov_len ? by : parts[i].iov_len;
        parts[i].iov_base = (char*)parts[i].iov_base + step;
        parts[i].iov_len -= step;
        by -= step;
    }
}

/* ---- one piece a call ---------------------------------------------------------------------- */

bool send_pieces(int fd, piece_call call, const char* bytes, size_t length, size_t piece) {
    size_t done = 0;
    while (done < length) {
        size_t next = length - done < piece ? length - done : piece;
        ssize_t accepted = call(fd, bytes + done, next);
        if (!may_retry("send", fd, accepted)) {
            return false;
        }
        done += accepted > 0 ? (size_t)accepted : 0;
    }
    return true;
}

ssize_t call_write(int fd, const char* bytes, size_t length) { return write(fd, bytes, length); }

static ssize_t call_send(int fd, const char* bytes, size_t length) {
    return send(fd, bytes, length, MSG_NOSIGNAL);
}

ssize_t call_send_more(int fd, const char* bytes, size_t length) {
    return send(fd, bytes, length, MSG_NOSIGNAL | MSG_MORE);
}

static ssize_t call_sendto(int fd, const char* bytes, size_t length) {
    return sendto(fd, bytes, length, 0, NULL, 0);
}

static ssize_t call_syscall_write(int fd, const char* bytes, size_t length) {
    return syscall(SYS_write, fd, bytes, length);
}

static ssize_t call_syscall_sendto(int fd, const char* bytes, size_t length) {
    return syscall(SYS_sendto, fd, bytes, length, MSG_NOSIGNAL, NULL, 0);
}

static ssize_t call_zerocopy(int fd, const char* bytes, size_t length) {
    int on = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof on);
    return send(fd, bytes, length, MSG_ZEROCOPY | MSG_NOSIGNAL);
}

static ssize_t call_raw(int fd, const char* bytes, size_t length) {
    long result = raw3(SYS_write, fd, bytes, length);
    if (result < 0) {
        errno = (int)-result;
        return -1;
    }
    return result;
}

bool send_all(int fd, const char* bytes, size_t length) {
    return send_pieces(fd, call_write, bytes, length, length);
}

#define IN_ONE_PIECE(name, call)                                                     \
    static bool name(int fd, const struct response* response) {                      \
        return send_pieces(fd, call, response->bytes, response->all, response->all); \
    }
IN_ONE_PIECE(by_write, call_write)
IN_ONE_PIECE(by_send, call_send)
IN_ONE_PIECE(by_sendto, call_sendto)
IN_ONE_PIECE(by_syscall_write, call_syscall_write)
IN_ONE_PIECE(by_syscall_sendto, call_syscall_sendto)
IN_ONE_PIECE(by_zerocopy, call_zerocopy)
IN_ONE_PIECE(by_raw, call_raw)

static bool by_single_bytes(int fd, const struct response* response) {
    return send_pieces(fd, call_write, response->bytes, response->all, 1);
}

static bool by_lines(int fd, const struct response* response) {
    size_t done = 0;
    while (done < response->all) {
        const char* from = response->bytes + done;
        const char* end = memchr(from, '\n', response->all - done);
        size_t length = end ? (size_t)(end + 1 - from) : response->all - done;
        if (!send_pieces(fd, call_write, from, length, length)) {
            return false;
        }
        done += length;
    }
    return true;
}

bool send_head_and_body(int fd, const struct response* response, piece_call head, piece_call body) {
    size_t rest = response->all - response->head;
    return send_pieces(fd, head, response->bytes, response->head, response->head) &&
           send_pieces(fd, body, response->bytes + response->head, rest, rest);
}

static bool by_head_then_body(int fd, const struct response* response) {
    return send_head_and_body(fd, response, call_write, call_write);
}

static bool by_zerocopy_body(int fd, const struct response* response) {
    return send_head_and_body(fd, response, call_write, call_zerocopy);
}

static bool by_msg_more(int fd, const struct response* response) {
    return send_head_and_body(fd, response, call_send_more, call_send);
}

static bool by_raw_body(int fd, const struct response* response) {
    return send_head_and_body(fd, response, call_write, call_raw);
}

const struct send_row send_whole[] = {
    {"write", by_write},
    {"send", by_send},
    {"sendto", by_sendto},
    {"linewise", by_lines},
    {"bytewise", by_single_bytes},
    {"head-then-body", by_head_then_body},
    {"msg_more", by_msg_more},
    {"syscall", by_syscall_write},
    {"syscall-sendto", by_syscall_sendto},
    {"zerocopy", by_zerocopy},
    {"zerocopy-body", by_zerocopy_body},
    {"raw", by_raw},
    {"raw-body", by_raw_body},
    {NULL, NULL},
};

static send_way way_in(const struct send_row* rows, const char* name) {
    for (; rows->name; ++rows) {
        if (strcmp(rows->name, name) == 0) {
            return rows->way;
        }
    }
    return NULL;
}

send_way send_named(const char* name) {
    const struct send_row* const all[] = {send_whole, send_vectors, send_files, send_unseen,
                                          send_by_ring};
    for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
        send_way way = way_in(all[i], name);
        if (way) {
            return way;
        }
    }
    give_up("no such way to send");
}
