/* Threads blocked in calls, cancelled: `cancel CALL WHERE` ends with status 0 if the thread could
 * be cancelled and the same connection or listener is good for another call afterwards. WHERE is
 * idle (nothing was asked yet), asked (a request was read and is not answered) or after (an
 * exchange is over, the next read waits). Knows pthread_cancel. Refuses to know HTTP beyond one
 * exchange. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "raw.h"

enum { LIFETIME_S = 40, PATIENCE_S = 20 };

static const char question[] = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";
static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

static int listener;
static int ours;
static int theirs;
static const char* chosen;

static void die(const char* why) {
    perror(why);
    exit(3);
}

static long blocked_call(void) {
    static char buffer[1 << 16];
    struct iovec part = {buffer, sizeof buffer};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (strcmp(chosen, "read") == 0) {
        return read(ours, buffer, sizeof buffer);
    }
    if (strcmp(chosen, "readv") == 0) {
        return readv(ours, &part, 1);
    }
    if (strcmp(chosen, "recv") == 0) {
        return recv(ours, buffer, sizeof buffer, 0);
    }
    if (strcmp(chosen, "recvfrom") == 0) {
        return recvfrom(ours, buffer, sizeof buffer, 0, NULL, NULL);
    }
    if (strcmp(chosen, "recvmsg") == 0) {
        return recvmsg(ours, &message, 0);
    }
    if (strcmp(chosen, "accept") == 0) {
        return accept(listener, NULL, NULL);
    }
    if (strcmp(chosen, "accept4") == 0) {
        return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    }
    long total = 0;
    while (strcmp(chosen, "write") == 0) {
        total += write(ours, buffer, sizeof buffer);
    }
    while (strcmp(chosen, "send") == 0) {
        total += send(ours, buffer, sizeof buffer, MSG_NOSIGNAL);
    }
    while (strcmp(chosen, "writev") == 0) {
        total += writev(ours, &part, 1);
    }
    return -total;
}

static _Atomic pid_t thread_id;

static void* block(void* nothing) {
    thread_id = (pid_t)syscall(SYS_gettid);
    (void)blocked_call();
    return nothing;
}

/* In the kernel and asleep, by its own account. */
static bool sleeps(pid_t id) {
    char path[64];
    char state = '?';
    (void)snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)id);
    FILE* file = fopen(path, "re");
    if (!file) {
        return false;
    }
    if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1) {
        state = '?';
    }
    (void)fclose(file);
    return state == 'S';
}

static void wait_until_blocked(void) {
    const struct timespec pause = {0, 2000000};
    int in_a_row = 0;
    for (int i = 0; i < 5000 && in_a_row < 10; ++i) {
        (void)nanosleep(&pause, NULL);
        in_a_row = thread_id && sleeps(thread_id) ? in_a_row + 1 : 0;
    }
    if (in_a_row < 10) {
        die("the thread did not block");
    }
}

static int connect_raw(const struct sockaddr_in* address) {
    int fd = (int)raw3(SYS_socket, AF_INET, SOCK_STREAM, 0);
    if (raw3(SYS_connect, fd, address, sizeof *address) != 0) {
        die("connect");
    }
    return fd;
}

static struct sockaddr_in begin(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr*)&address, sizeof address) != 0 ||
        listen(listener, 16) != 0 ||
        getsockname(listener, (struct sockaddr*)&address, &length) != 0) {
        die("listen");
    }
    theirs = connect_raw(&address);
    ours = accept(listener, NULL, NULL);
    return address;
}

static void take_question(void) {
    char buffer[1024];
    (void)raw3(SYS_write, theirs, question, sizeof question - 1);
    if (read(ours, buffer, sizeof buffer) != (ssize_t)(sizeof question - 1)) {
        die("question");
    }
}

static void exchange(void) {
    take_question();
    if (write(ours, reply, sizeof reply - 1) != (ssize_t)(sizeof reply - 1)) {
        die("exchange");
    }
}

static void cancel_it(pthread_t thread) {
    struct timespec end;
    void* result = NULL;
    wait_until_blocked();
    (void)pthread_cancel(thread);
    (void)clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += PATIENCE_S;
    int joined = pthread_timedjoin_np(thread, &result, &end);
    if (joined != 0) {
        errno = joined;
        die("the cancelled thread did not end");
    }
    if (result != PTHREAD_CANCELED) {
        die("the thread returned instead");
    }
}

/* Whatever the cancelled call had begun must not stand in the way of the next one. */
static void use_again(const struct sockaddr_in* address) {
    if (strncmp(chosen, "accept", 6) == 0) {
        theirs = connect_raw(address);
        ours = accept(listener, NULL, NULL);
        exchange();
    } else if (strncmp(chosen, "re", 2) == 0) {
        char byte;
        (void)raw3(SYS_shutdown, theirs, SHUT_WR, 0);
        if (read(ours, &byte, 1) != 0) {
            die("no end of file after a cancelled read");
        }
    }
    if (close(ours) != 0) {
        die("close");
    }
}

int main(int count, char** arguments) {
    if (count != 3) {
        return 64;
    }
    pthread_t thread;
    chosen = arguments[1];
    (void)alarm(LIFETIME_S);
    struct sockaddr_in address = begin();
    if (strcmp(arguments[2], "after") == 0) {
        exchange();
    } else if (strcmp(arguments[2], "asked") == 0) {
        take_question();
    }
    if (pthread_create(&thread, NULL, block, NULL) != 0) {
        die("pthread_create");
    }
    cancel_it(thread);
    use_again(&address);
    return 0;
}
