/* A server of HTTP/2 that hands its first connection over between two streams, and goes on accepting.
 *
 *   handed WAY STREAMS AT
 *
 * WAY: "fork", to a child of its own then; "keep", the same, but it closes its own copy at its end only;
 * "pass", over AF_UNIX to a worker that was there before. AT: how many streams it answers itself, out of so
 * many. What it accepts from then on it closes when a byte has come; "q" ends it. Its status is the other
 * process's. Knows frames of one size. Refuses to know of a limit. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "takes.h"

enum { PAYLOAD = 100, LIFETIME_S = 60 };

static void demand(int holds, const char* what) {
    if (!holds) {
        perror(what);
        _exit(1);
    }
}

/* ---- The protocol -------------------------------------------------------------------------------- */

static void put_frame(int fd, size_t length, int type, int flags, int stream) {
    char frame[HEADER + PAYLOAD] = {0, 0, (char)length, (char)type, (char)flags, 0, 0, 0, (char)stream};
    memset(frame + HEADER, 'a' + stream % 26, length);
    demand(write(fd, frame, HEADER + length) == (ssize_t)(HEADER + length), "a write");
}

static void answer(int fd, int from, int to) {
    for (int i = from; i < to; ++i) {
        take(fd, REQUEST);
        put_frame(fd, 1, 1, 4, 2 * i + 1);
        put_frame(fd, PAYLOAD, 0, 1, 2 * i + 1);
    }
}

/* ---- The hand-over ------------------------------------------------------------------------------- */

union room {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

static struct msghdr message(struct iovec* part, union room* control) {
    static char mark = '!';
    *part = (struct iovec){&mark, 1};
    memset(control, 0, sizeof *control);
    return (struct msghdr){.msg_iov = part, .msg_iovlen = 1, .msg_control = control,
                           .msg_controllen = sizeof *control};
}

static void pass(int channel, int fd) {
    struct iovec part;
    union room control;
    struct msghdr all = message(&part, &control);
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    demand(sendmsg(channel, &all, 0) == 1, "pass");
}

static int passed(int channel) {
    struct iovec part;
    union room control;
    struct msghdr all = message(&part, &control);
    int fd = -1;
    demand(recvmsg(channel, &all, 0) == 1 && CMSG_FIRSTHDR(&all), "passed");
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&all)), sizeof fd);
    return fd;
}

static void go_on(int fd, int from, int to) {
    answer(fd, from, to);
    demand(close(fd) == 0, "close");
    _exit(0);
}

static pid_t start_worker(int* channel, int from, int to) {
    int ends[2];
    demand(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
    pid_t worker = fork();
    if (worker == 0) go_on(passed(ends[1]), from, to);
    (void)close(ends[1]);
    *channel = ends[0];
    return worker;
}

/* ---- The parent ---------------------------------------------------------------------------------- */

static int listening(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    demand(bind(listener, (struct sockaddr*)&address, length) == 0 && listen(listener, 16) == 0, "listen");
    demand(getsockname(listener, (struct sockaddr*)&address, &length) == 0, "name");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static void accept_others(int listener) {
    for (char said = 0; said != 'q';) {
        int fd = accept(listener, NULL, NULL);
        demand(fd >= 0 && read(fd, &said, 1) == 1 && close(fd) == 0, "another");
    }
}

int main(int count, char** words) {
    demand(count == 4, "arguments");
    (void)alarm(LIFETIME_S);
    const int passes = !strcmp(words[1], "pass"), keeps = !strcmp(words[1], "keep");
    const int streams = atoi(words[2]), at = atoi(words[3]);
    int channel = -1, status = -1;
    pid_t other = passes ? start_worker(&channel, at, streams) : 0;
    int listener = listening(), fd = accept(listener, NULL, NULL);
    demand(fd >= 0, "accept");
    put_frame(fd, 0, 4, 0, 0);
    take(fd, GREETING);
    answer(fd, 0, at);
    if (passes)
        pass(channel, fd);
    else if ((other = fork()) == 0)
        go_on(fd, at, streams);
    if (!keeps) demand(close(fd) == 0, "close");
    accept_others(listener);
    demand(waitpid(other, &status, 0) == other, "wait");
    return status != 0;
}
