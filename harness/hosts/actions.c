/* What a request can ask the host to do besides answering it: /NAME/ARGUMENT.
 * Knows the single calls whose results matter and writes each into the trace. Refuses to know what
 * the right result is: the bare run says. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host.h"
#include "raw.h"

/* From <linux/errqueue.h> and <linux/net_tstamp.h>, which musl-gcc does not find. */
struct extended_error {
    uint32_t number;
    uint8_t origin;
    uint8_t type;
    uint8_t code;
    uint8_t padding;
    uint32_t info;
    uint32_t data;
};
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4
#endif
enum { STAMP_WHEN_SENT = 1 << 1, STAMP_IN_SOFTWARE = 1 << 4, STAMP_WITHOUT_DATA = 1 << 11 };

/* ---- /cut/N: the response in two calls, the first of N bytes ------------------------------- */

static bool act_cut(struct connection* connection, const char* argument) {
    struct response* response = response_make(connection, 0);
    size_t at = strtoul(argument, NULL, 10);
    at = at < response->all ? at : response->all;
    bool sent = send_all(connection->out, response->bytes, at) &&
                send_all(connection->out, response->bytes + at, response->all - at);
    response_free(response);
    return sent;
}

/* ---- /way/NAME: this response by another way than the others ------------------------------- */

static bool act_way(struct connection* connection, const char* argument) {
    struct response* response = response_make(connection, 0);
    bool sent = send_named(argument)(connection->out, response);
    response_free(response);
    return sent;
}

/* ---- /late/CALL: bytes after the response, as servers send by mistake or for a next one ------ */

static const char late[] = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n";
enum { LATE = sizeof late - 1 };

static void late_sendfile(int fd) {
    int file = file_with(late, LATE);
    off_t offset = 3;
    trace_result("late sendfile", sendfile(fd, file, &offset, LATE - 3));
    trace("offset %ld position %ld", (long)offset, (long)lseek(file, 0, SEEK_CUR));
    trace_result("late sendfile at the end", sendfile(fd, file, &offset, 10));
    trace_result("late sendfile by position", sendfile(fd, file, NULL, 10));
    trace("position %ld", (long)lseek(file, 0, SEEK_CUR));
    trace_result("late sendfile of more than is there", sendfile(fd, file, NULL, 100000));
    trace("position %ld", (long)lseek(file, 0, SEEK_CUR));
    (void)close(file);
}

static void late_splice(int fd) {
    int ends[2];
    int unread = -1;
    if (pipe(ends) != 0 || write(ends[1], late, LATE) != LATE) {
        give_up("a pipe for late bytes");
    }
    trace_result("late splice", splice(ends[0], NULL, fd, NULL, LATE, SPLICE_F_MOVE));
    (void)ioctl(ends[0], FIONREAD, &unread);
    trace("left in the pipe %d", unread);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void late_sendmmsg(int fd) {
    struct iovec parts[2] = {{(char*)late, 9}, {(char*)late + 9, LATE - 9}};
    struct mmsghdr messages[2];
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < 2; ++i) {
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    trace_result("late sendmmsg", sendmmsg(fd, messages, 2, MSG_NOSIGNAL));
    trace("messages %u %u", messages[0].msg_len, messages[1].msg_len);
}

static void late_vectors(int fd, const char* call) {
    struct iovec parts[3] = {{NULL, 0}, {(char*)late, 9}, {(char*)late + 9, LATE - 9}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 3};
    bool is_writev = strcmp(call, "writev") == 0;
    trace_result(call, is_writev ? writev(fd, parts, 3) : sendmsg(fd, &message, MSG_NOSIGNAL));
}

static bool act_late(struct connection* connection, const char* call) {
    int fd = connection->out;
    if (!respond(connection)) {
        return false;
    }
    if (strcmp(call, "write") == 0) {
        trace_result("late write", write(fd, late, LATE));
        trace_result("late write", write(fd, late, LATE));
        trace_result("late empty write", write(fd, late, 0));
    } else if (strcmp(call, "send") == 0) {
        trace_result("late send", send(fd, late, LATE, MSG_NOSIGNAL));
        trace_result("late sendto", sendto(fd, late, LATE, MSG_DONTWAIT, NULL, 0));
    } else if (strcmp(call, "send-special") == 0) {
        trace_result("late send", send(fd, late, LATE, MSG_ZEROCOPY | MSG_NOSIGNAL));
    } else if (strcmp(call, "syscall") == 0) {
        trace_result("late syscall", syscall(SYS_write, fd, late, LATE));
    } else if (strcmp(call, "writev") == 0 || strcmp(call, "sendmsg") == 0) {
        late_vectors(fd, call);
    } else if (strcmp(call, "sendmmsg") == 0) {
        late_sendmmsg(fd);
    } else if (strcmp(call, "sendfile") == 0) {
        late_sendfile(fd);
    } else if (strcmp(call, "splice") == 0) {
        late_splice(fd);
    } else if (strcmp(call, "shutdown-write") == 0) {
        trace_result("late shutdown", shutdown(fd, SHUT_WR));
    } else if (strcmp(call, "shutdown-both") == 0) {
        trace_result("late shutdown", shutdown(fd, SHUT_RDWR));
    } else {
        give_up("no such late call");
    }
    return true;
}

/* ---- /behind/CALL and /awaited/CALL: a read behind a request that is not answered yet -------- */

static ssize_t read_with_timeout(int fd, char* buffer, size_t size) {
    struct timeval brief = {.tv_usec = 200000};
    struct timeval none = {.tv_usec = 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &brief, sizeof brief);
    ssize_t result = read(fd, buffer, size);
    int kept = errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none);
    errno = kept;
    return result;
}

static ssize_t read_nonblocking(int fd, char* buffer, size_t size) {
    int flags = fcntl(fd, F_GETFL);
    (void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    ssize_t result = read(fd, buffer, size);
    int kept = errno;
    (void)fcntl(fd, F_SETFL, flags);
    errno = kept;
    return result;
}

static ssize_t read_behind(int fd, const char* call, char* buffer, size_t size) {
    if (strcmp(call, "dontwait") == 0) {
        return recv(fd, buffer, size, MSG_DONTWAIT);
    }
    if (strcmp(call, "peek") == 0) {
        return recv(fd, buffer, size, MSG_PEEK | MSG_DONTWAIT);
    }
    if (strcmp(call, "recvmsg") == 0) {
        struct iovec part = {buffer, size};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
        return recvmsg(fd, &message, MSG_DONTWAIT);
    }
    if (strcmp(call, "nonblocking") == 0) {
        return read_nonblocking(fd, buffer, size);
    }
    if (strcmp(call, "timeout") == 0) {
        return read_with_timeout(fd, buffer, size);
    }
    give_up("no such read behind");
}

static bool act_behind(struct connection* connection, const char* call) {
    char buffer[4096];
    ssize_t got = read_behind(connection->in, call, buffer, sizeof buffer);
    trace_result("behind", got);
    if (got > 0 && strcmp(call, "peek") != 0) {
        memcpy(connection->buffer + connection->held, buffer, (size_t)got);
        connection->held += (size_t)got;
    }
    return respond(connection);
}

/* The interim response tells the client that this request was taken; what it sends now comes
 * behind. */
static bool act_awaited(struct connection* connection, const char* call) {
    static const char interim[] = "HTTP/1.1 102 Processing\r\n\r\n";
    bool sent = send_all(connection->out, interim, sizeof interim - 1);
    trace("something behind %d", wait_for(connection->in, POLLIN));
    return sent && act_behind(connection, call);
}

/* ---- /flag/NAME: calls with flags that take bytes out of the stream's order ------------------ */

static void flag_trunc(int fd) {
    char two[2];
    trace_result("trunc", recv(fd, two, sizeof two, MSG_TRUNC));
}

static void flag_oob(int fd) {
    char urgent = 0;
    (void)wait_for(fd, POLLPRI);
    trace_result("oob", recv(fd, &urgent, 1, MSG_OOB));
    trace("urgent byte %d", urgent);
}

static long errqueue_message(int fd, unsigned* first, unsigned* last) {
    char control[512];
    char byte;
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    long result = -1;
    if (wait_for(fd, POLLPRI)) {
        result = recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT);
    }
    struct cmsghdr* item = result < 0 ? NULL : CMSG_FIRSTHDR(&message);
    for (; item; item = CMSG_NXTHDR(&message, item)) {
        if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_RECVERR) {
            struct extended_error error;
            memcpy(&error, CMSG_DATA(item), sizeof error);
            *first = error.info;
            *last = error.data;
        }
    }
    return result;
}

/* Time stamps of sent bytes arrive on the error queue. */
static bool flag_errqueue(struct connection* connection) {
    int fd = connection->out;
    unsigned stamps = STAMP_WHEN_SENT | STAMP_IN_SOFTWARE | STAMP_WITHOUT_DATA;
    unsigned none = 0;
    unsigned first = 0;
    unsigned last = 0;
    trace_result("stamps", setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof stamps));
    bool sent = respond(connection);
    trace_result("errqueue", errqueue_message(fd, &first, &last));
    (void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &none, sizeof none);
    return sent;
}

/* A time stamp stays in the error queue. */
static bool flag_stamped(struct connection* connection) {
    unsigned stamps = STAMP_WHEN_SENT | STAMP_IN_SOFTWARE | STAMP_WITHOUT_DATA;
    trace_result("stamps", setsockopt(connection->out, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof stamps));
    return respond(connection);
}

/* The numbers of a completion count the calls with MSG_ZEROCOPY: one more or one less would show.
 */
static bool flag_zerocopy(struct connection* connection, const char* way) {
    unsigned first = 99;
    unsigned last = 99;
    bool sent = act_way(connection, way);
    trace_result("completion", errqueue_message(connection->out, &first, &last));
    trace("completed %u to %u", first, last);
    return sent;
}

static bool act_flag(struct connection* connection, const char* flag) {
    if (strcmp(flag, "errqueue") == 0) {
        return flag_errqueue(connection);
    }
    if (strncmp(flag, "zerocopy", 8) == 0) {
        return flag_zerocopy(connection, flag);
    }
    if (strcmp(flag, "stamped") == 0) {
        return flag_stamped(connection);
    }
    bool sent = respond(connection);
    if (strcmp(flag, "trunc") == 0) {
        flag_trunc(connection->in);
    } else if (strcmp(flag, "oob") == 0) {
        flag_oob(connection->in);
    } else if (strcmp(flag, "send-oob") == 0) {
        trace_result("send oob", send(connection->out, "!", 1, MSG_OOB));
    } else {
        give_up("no such flag");
    }
    return sent;
}

/* ---- /state: what the socket says of itself after the response ------------------------------- */

static bool act_state(struct connection* connection, const char* argument) {
    (void)argument;
    bool sent = respond(connection);
    struct sockaddr_in name;
    socklen_t length = sizeof name;
    int error = -1;
    int unread = -1;
    struct pollfd all = {.fd = connection->in, .events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP};
    trace_result("getsockname", getsockname(connection->in, (struct sockaddr*)&name, &length));
    trace_result("getpeername", getpeername(connection->in, (struct sockaddr*)&name, &length));
    length = sizeof error;
    trace_result("getsockopt", getsockopt(connection->in, SOL_SOCKET, SO_ERROR, &error, &length));
    trace_result("ioctl", ioctl(connection->in, FIONREAD, &unread));
    (void)poll(&all, 1, 0);
    trace("error %d unread %d events %d flags %d", error, unread, all.revents,
          fcntl(connection->in, F_GETFL));
    return sent;
}

/* ---- /sweep/CALL: everything above this connection is closed, as daemons do for good measure ---
 */

static bool act_sweep(struct connection* connection, const char* call) {
    enum { MANY = 4096 };
    int first = (connection->in > connection->out ? connection->in : connection->out) + 1;
    if (strcmp(call, "each") == 0) {
        for (int fd = first; fd < MANY; ++fd) {
            (void)close(fd);
        }
    } else if (strcmp(call, "syscall") == 0) {
        trace_result("sweep", syscall(SYS_close_range, first, ~0U, 0));
#ifdef __GLIBC__
    } else if (strcmp(call, "close_range") == 0) {
        trace_result("sweep", close_range((unsigned)first, ~0U, 0));
    } else if (strcmp(call, "cloexec") == 0) {
        trace_result("sweep", close_range(3, ~0U, CLOSE_RANGE_CLOEXEC));
    } else if (strcmp(call, "closefrom") == 0) {
        closefrom(first);
#endif
    } else {
        give_up("no such sweep");
    }
    return respond(connection);
}

/* ---- /close: the host has had enough; /exit: it leaves without closing ----------------------- */

static bool act_close(struct connection* connection, const char* argument) {
    (void)argument;
    (void)respond(connection);
    return false;
}

static const struct {
    const char* prefix;
    bool (*act)(struct connection*, const char* argument);
} actions[] = {
    {"/cut/", act_cut},       {"/way/", act_way},         {"/late/", act_late},
    {"/behind/", act_behind}, {"/awaited/", act_awaited}, {"/flag/", act_flag},
    {"/state", act_state},    {"/close", act_close},      {"/child/", act_child},
    {"/cgi/", act_cgi},       {"/reuse/", act_reuse},     {"/sweep/", act_sweep},
    {"/refused/", act_refused}, {"/silent/", act_silent}, {"/broken/", act_broken},
};

bool act(struct connection* connection) {
    for (size_t i = 0; i < sizeof actions / sizeof *actions; ++i) {
        size_t length = strlen(actions[i].prefix);
        if (strncmp(connection->path, actions[i].prefix, length) == 0) {
            return actions[i].act(connection, connection->path + length);
        }
    }
    return respond(connection);
}
