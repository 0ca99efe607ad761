/* The ways to send a response as several parts or several messages a call.
 * Knows the calls. Refuses to know what the parts mean, except where the head ends. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "send.h"

enum { PARTS = 30 };

/* ---- many pieces a call -------------------------------------------------------------------- */

typedef ssize_t (*parts_call)(int fd, struct iovec* parts, int count);

static ssize_t call_writev(int fd, struct iovec* parts, int count) {
    return writev(fd, parts, count);
}

static ssize_t call_sendmsg(int fd, struct iovec* parts, int count) {
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)count};
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static ssize_t call_syscall_writev(int fd, struct iovec* parts, int count) {
    return syscall(SYS_writev, fd, parts, count);
}

static ssize_t call_syscall_sendmsg(int fd, struct iovec* parts, int count) {
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)count};
    return syscall(SYS_sendmsg, fd, &message, MSG_NOSIGNAL);
}

static bool vector(int fd, parts_call call, struct iovec* parts, int count, size_t length) {
    size_t done = 0;
    while (done < length) {
        ssize_t accepted = call(fd, parts, count);
        if (!may_retry("send", fd, accepted)) {
            return false;
        }
        if (accepted > 0) {
            advance(parts, count, (size_t)accepted);
            done += (size_t)accepted;
        }
    }
    return true;
}

static bool two_parts(int fd, const struct response* response, parts_call call) {
    struct iovec parts[] = {{response->bytes, response->head},
                            {response->bytes + response->head, response->all - response->head}};
    return vector(fd, call, parts, 2, response->all);
}

static bool by_writev(int fd, const struct response* response) {
    return two_parts(fd, response, call_writev);
}

static bool by_sendmsg(int fd, const struct response* response) {
    return two_parts(fd, response, call_sendmsg);
}

static bool by_syscall_writev(int fd, const struct response* response) {
    return two_parts(fd, response, call_syscall_writev);
}

static bool by_syscall_sendmsg(int fd, const struct response* response) {
    return two_parts(fd, response, call_syscall_sendmsg);
}

static bool by_thirty_parts(int fd, const struct response* response) {
    struct iovec parts[PARTS];
    size_t each = response->all / PARTS;
    for (size_t i = 0; i < PARTS; ++i) {
        parts[i].iov_base = response->bytes + i * each;
        parts[i].iov_len = i + 1 < PARTS ? each : response->all - i * each;
    }
    return vector(fd, call_writev, parts, PARTS, response->all);
}

/* As many parts as the kernel takes in one call, IOV_MAX: there is no room for one more. */
static bool by_most_parts(int fd, const struct response* response) {
    enum { MOST = 1024 };
    static _Thread_local struct iovec parts[MOST];
    for (size_t i = 0; i < MOST; ++i) {
        size_t from = i < response->all ? i : response->all;
        parts[i].iov_base = response->bytes + from;
        parts[i].iov_len = i + 1 < MOST ? (from < response->all ? 1 : 0) : response->all - from;
    }
    return vector(fd, call_writev, parts, MOST, response->all);
}

static bool by_null_part_first(int fd, const struct response* response) {
    struct iovec parts[] = {{NULL, 0},
                            {response->bytes, response->head},
                            {NULL, 0},
                            {response->bytes + response->head, response->all - response->head}};
    return vector(fd, call_writev, parts, 4, response->all);
}

/* A control message makes it more than bytes: here one that asks for time stamps. */
static bool by_control(int fd, const struct response* response) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(unsigned))];
    } control;
    memset(&control, 0, sizeof control);
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SO_TIMESTAMPING;
    control.header.cmsg_len = CMSG_LEN(sizeof(unsigned));
    struct iovec part = {response->bytes, response->all};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    trace_result("send", sent);
    return sent == (ssize_t)response->all;
}

/* ---- several messages a call --------------------------------------------------------------- */

static int call_sendmmsg(int fd, struct mmsghdr* messages, unsigned count) {
    return sendmmsg(fd, messages, count, MSG_NOSIGNAL);
}

static int call_syscall_sendmmsg(int fd, struct mmsghdr* messages, unsigned count) {
    return (int)syscall(SYS_sendmmsg, fd, messages, count, MSG_NOSIGNAL);
}

static bool two_messages(int fd, const struct response* response,
                         int (*call)(int, struct mmsghdr*, unsigned)) {
    struct iovec parts[] = {{response->bytes, response->head},
                            {response->bytes + response->head, response->all - response->head}};
    size_t done = 0;
    while (done < response->all) {
        struct mmsghdr messages[2];
        memset(messages, 0, sizeof messages);
        for (int i = 0; i < 2; ++i) {
            messages[i].msg_hdr.msg_iov = &parts[i];
            messages[i].msg_hdr.msg_iovlen = 1;
        }
        unsigned first = parts[0].iov_len ? 0 : 1;
        int count = call(fd, messages + first, 2 - first);
        if (!may_retry("messages", fd, count)) {
            return false;
        }
        for (int i = 0; i < count; ++i) {
            trace("message %u", messages[first + (unsigned)i].msg_len);
            done += messages[first + (unsigned)i].msg_len;
            advance(&parts[first + (unsigned)i], 1, messages[first + (unsigned)i].msg_len);
        }
    }
    return true;
}

static bool by_sendmmsg(int fd, const struct response* response) {
    return two_messages(fd, response, call_sendmmsg);
}

static bool by_syscall_sendmmsg(int fd, const struct response* response) {
    return two_messages(fd, response, call_syscall_sendmmsg);
}

const struct send_row send_vectors[] = {
    {"writev", by_writev},
    {"writev30", by_thirty_parts},
    {"writev1024", by_most_parts},
    {"nulliov", by_null_part_first},
    {"sendmsg", by_sendmsg},
    {"sendmmsg", by_sendmmsg},
    {"syscall-writev", by_syscall_writev},
    {"syscall-sendmsg", by_syscall_sendmsg},
    {"syscall-sendmmsg", by_syscall_sendmmsg},
    {"control", by_control},
    {NULL, NULL},
};
