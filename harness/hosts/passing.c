/* Connections served by another process than the one that accepted them: passed over AF_UNIX to a
 * worker, or inherited by an exec'ed child on descriptors 0 to 2, as inetd does it, or from 3 on,
 * as systemd does it. Knows how a connection is handed over: fresh, after the first bytes were
 * read, or after an exchange. Refuses to know what the library makes of it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"
#include "raw.h"

enum { EARLY = 5 };

union room {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

static void pass(int channel, int fd, const char* already, size_t length) {
    union room control;
    memset(&control, 0, sizeof control);
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    char marked[EARLY + 1] = "!"; /* a message with a descriptor needs a byte of its own */
    memcpy(marked + 1, already, length);
    struct iovec part = {marked, length + 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    if (sendmsg(channel, &message, 0) != (ssize_t)(length + 1)) {
        give_up("pass a connection");
    }
}

static ssize_t receive_message(int channel, struct msghdr* message) {
    if (strcmp(settings.pass_by, "syscall") == 0) {
        return syscall(SYS_recvmsg, channel, message, 0);
    }
    if (strcmp(settings.pass_by, "recvmmsg") == 0) {
        struct mmsghdr one = {.msg_hdr = *message};
        int count = recvmmsg(channel, &one, 1, 0, NULL);
        *message = one.msg_hdr;
        return count <= 0 ? count : (ssize_t)one.msg_len;
    }
    if (strcmp(settings.pass_by, "recvmsg-cloexec") == 0) {
        return recvmsg(channel, message, MSG_CMSG_CLOEXEC);
    }
    return recvmsg(channel, message, 0);
}

/* -1 when no more will come. */
static int receive_connection(int channel, char* already, size_t* length) {
    union room control;
    struct iovec part = {already, EARLY + 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t got = receive_message(channel, &message);
    struct cmsghdr* item = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    int fd = -1;
    if (item && item->cmsg_type == SCM_RIGHTS) {
        memcpy(&fd, CMSG_DATA(item), sizeof fd);
    }
    *length = got > 0 ? (size_t)got - 1 : 0;
    return fd;
}

static void work(int channel) {
    char message[EARLY + 1];
    size_t length;
    int fd;
    while ((fd = receive_connection(channel, message, &length)) >= 0) {
        struct connection* connection = connection_on(fd);
        memcpy(connection->buffer, message + 1, length);
        connection->held = length;
        serve(connection);
    }
}

/* One request and its response, whole: the next bytes look like those of a fresh connection. */
static void exchange_early(int fd) {
    ssize_t received = 0;
    struct connection* connection = connection_on(fd);
    if (!receive_once(connection, &received) || !answer_all(connection)) {
        give_up("an exchange before the hand-over");
    }
    free(connection);
}

/* The first bytes of the request, when the host is to have read some. */
static size_t read_early(int fd, const char* how, char* already) {
    if (strcmp(how, "exchange") == 0) {
        exchange_early(fd);
    }
    if (strcmp(how, "read") != 0) {
        return 0;
    }
    ssize_t got = recv(fd, already, EARLY, MSG_WAITALL);
    return got > 0 ? (size_t)got : 0;
}

void loop_passing(int listener) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
        give_up("socketpair");
    }
    pid_t worker = fork();
    if (worker == 0) {
        (void)close(listener);
        (void)close(ends[0]);
        work(ends[1]);
        _exit(0);
    }
    (void)close(ends[1]);
    for (int passed = 0; passed < settings.connections; ++passed) {
        char already[EARLY];
        int fd = settings.accept(listener);
        size_t length = read_early(fd, settings.pass, already);
        pass(ends[0], fd, already, length);
        (void)close(fd);
    }
    (void)close(ends[0]);
    int status = -1;
    (void)waitpid(worker, &status, 0);
    trace("worker left with %d", status);
}

/* ---- inetd and systemd ----------------------------------------------------------------------- */

int last_passed(void) { return strcmp(settings.listen_fds, "2") == 0 ? 4 : 3; }

static void put_as_inetd(int fd) {
    (void)dup2(fd, 0);
    (void)dup2(fd, 1);
    (void)dup2(fd, 2);
    (void)close(fd);
}

static void put_as_systemd(int fd) {
    int apart = fcntl(fd, F_DUPFD_CLOEXEC, 10); /* so that no number is copied onto itself */
    for (int number = 3; number <= last_passed(); ++number) {
        (void)dup2(apart, number);
    }
    char pid[16];
    (void)snprintf(pid, sizeof pid, "%d",
                   (int)(strcmp(settings.listen_pid, "another") == 0 ? getppid() : getpid()));
    (void)setenv("LISTEN_FDS", settings.listen_fds, 1);
    if (strcmp(settings.listen_pid, "none") != 0) {
        (void)setenv("LISTEN_PID", pid, 1);
    }
}

static void exec_on(int fd, const char* already, size_t length) {
    enum { ROOM = 64 };
    char* arguments[ROOM];
    char early[32];
    char standard[] = "--standard-io";
    int count = 0;
    for (char** argument = settings.arguments; *argument && count < ROOM - 3; ++argument) {
        arguments[count++] = *argument;
    }
    (void)snprintf(early, sizeof early, "--already=%.*s", (int)length, already);
    arguments[count++] = standard;
    arguments[count++] = early;
    arguments[count] = NULL;
    if (settings.listen_fds) {
        put_as_systemd(fd);
    } else {
        put_as_inetd(fd);
    }
    (void)execv("/proc/self/exe", arguments);
    _exit(127);
}

void loop_inetd(int listener) {
    for (int served = 0; served < settings.connections; ++served) {
        char already[EARLY];
        int fd = settings.accept(listener);
        size_t length = read_early(fd, settings.inetd, already);
        pid_t child = fork();
        if (child == 0) {
            (void)close(listener);
            exec_on(fd, already, length);
        }
        (void)close(fd);
        int status = -1;
        (void)waitpid(child, &status, 0);
        trace("child left with %d", status);
    }
}
