/* Both ends of loopback connections in one process: a listener, clients that a library does not follow,
 * and waits that end. Knows sockets and patience. Refuses to know what a host does between the two. */
#ifndef PEERS_H
#define PEERS_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { LIFETIME_S = 60, PATIENCE_MS = 20000, FAILED = 3 };

static const char two_bytes[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
/* Where the listener is; one for all files of a program. */
__attribute__((weak)) struct sockaddr_in peers = {.sin_family = AF_INET};

static inline int demand(int result, const char* what) {
    if (result < 0) {
        perror(what);
        _exit(FAILED);
    }
    return result;
}

static inline void set_option(int fd, int name, int size) {
    demand(setsockopt(fd, SOL_SOCKET, name, &size, sizeof size), "setsockopt");
}

/* A listener whose connections have a send buffer of this size, if any is given. */
static inline int peers_listen(int send_buffer) {
    socklen_t length = sizeof peers;
    int fd = demand(socket(AF_INET, SOCK_STREAM, 0), "socket");
    (void)signal(SIGPIPE, SIG_IGN);
    (void)alarm(LIFETIME_S);
    peers.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    set_option(fd, SO_REUSEADDR, 1); /* the port may have been a connection's a moment ago */
    if (send_buffer) {
        set_option(fd, SO_SNDBUF, send_buffer);
    }
    demand(bind(fd, (struct sockaddr*)&peers, sizeof peers), "bind");
    demand(listen(fd, 1024), "listen");
    demand(getsockname(fd, (struct sockaddr*)&peers, &length), "getsockname");
    return fd;
}

static inline int peers_connect(int receive_buffer) {
    int fd = demand(socket(AF_INET, SOCK_STREAM, 0), "socket");
    if (receive_buffer) {
        set_option(fd, SO_RCVBUF, receive_buffer);
    }
    demand(connect(fd, (struct sockaddr*)&peers, sizeof peers), "connect");
    return fd;
}

static inline int peers_accept(int listener) {
    return demand(accept(listener, NULL, NULL), "accept");
}

static inline void say(int fd, const char* text) {
    (void)send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static inline void ask(int fd, const char* path) {
    char text[200];
    (void)snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
    say(fd, text);
}

/* Receives until `stop` is there, the end, or nothing for so long; the size of what came. */
static inline size_t hear(int fd, char* buffer, size_t room, const char* stop, int milliseconds) {
    struct pollfd ready = {fd, POLLIN, 0};
    size_t size = 0;
    buffer[0] = 0;
    while (size + 1 < room && !strstr(buffer, stop) && poll(&ready, 1, milliseconds) == 1) {
        ssize_t got = recv(fd, buffer + size, room - 1 - size, 0);
        if (got <= 0) {
            break;
        }
        size += (size_t)got;
        buffer[size] = 0;
    }
    return size;
}

static inline int says_close(const char* response) {
    return strstr(response, "Connection: close") != NULL;
}

static inline void rest_ms(int milliseconds) {
    (void)usleep((useconds_t)milliseconds * 1000);
}

static inline long now_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline int own_thread(void) { return (int)syscall(SYS_gettid); }

/* Waits until this thread of ours sleeps: in the call that it is known to have come to. */
static inline void sleeps(int thread) {
    char name[64], text[512];
    (void)snprintf(name, sizeof name, "/proc/self/task/%d/stat", thread);
    for (long end = now_ms() + PATIENCE_MS; now_ms() < end; rest_ms(1)) {
        FILE* file = fopen(name, "re");
        size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
        text[size] = 0;
        const char* state = strrchr(text, ')');
        (void)(file && fclose(file));
        if (state && strncmp(state, ") S", 3) == 0) {
            return;
        }
    }
    demand(-1, "the thread does not sleep");
}

/* Waits until all that was sent from here has arrived. */
static inline void arrives(int fd) {
    int left = 1;
    for (long end = now_ms() + PATIENCE_MS; left && now_ms() < end; rest_ms(1)) {
        demand(ioctl(fd, TIOCOUTQ, &left), "TIOCOUTQ");
    }
}

/* Whether the flag was set before patience ended. */
static inline int comes(atomic_int* flag, int milliseconds) {
    long end = now_ms() + milliseconds;
    while (!atomic_load(flag) && now_ms() < end) {
        rest_ms(1);
    }
    return atomic_load(flag);
}

#endif
