/* A server of one connection and blocking reads, which is rid of what its client sends behind a request
 * in the way named: trunc, messages, splice, unasked, asked. Says its port, and then in a line each what
 * the reads in question answered. Knows nothing of a limit; which request is the last is a parameter. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "raw.h"

enum { PATIENCE = 10000, ROOM = 65536, LARGE = 3 << 20, LIFETIME_S = 60 };

static const char small[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
static char bytes[ROOM];

static void told(const char* what, ssize_t result) {
    printf("%s %zd errno %d\n", what, result, result < 0 ? errno : 0);
    fflush(stdout);
}

static void demand(int holds) {
    if (!holds) {
        perror("drains");
        exit(1);
    }
}

static void ask(int fd, nfds_t count) {
    struct pollfd all[2] = {{.fd = fd, .events = POLLIN}, {.fd = -1, .events = 0}};
    demand(poll(all, count, PATIENCE) == 1);
}

static int client(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd, listener = socket(AF_INET, SOCK_STREAM, 0);
    demand(bind(listener, (struct sockaddr*)&address, length) == 0 && listen(listener, 4) == 0);
    demand(getsockname(listener, (struct sockaddr*)&address, &length) == 0);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    demand((fd = accept(listener, NULL, NULL)) >= 0);
    return fd;
}

/* Requests are one segment each. */
static void answer(int fd) { demand(write(fd, small, sizeof small - 1) == sizeof small - 1); }

static void exchanges(int fd, int count) {
    for (int i = 0; i < count; ++i) {
        ask(fd, 1);
        demand(read(fd, bytes, sizeof bytes) > 0);
        answer(fd);
    }
}

static void by_trunc(int fd) {
    ask(fd, 1);
    demand(read(fd, bytes, sizeof bytes) > 0);
    ask(fd, 1);
    (void)recv(fd, NULL, ROOM, MSG_TRUNC);
    answer(fd);
}

/* Messages of 32 bytes, as long as the client's requests are. */
static void by_messages(int fd) {
    enum { MESSAGES = 4, SIZE = 32 };
    for (size_t held = 0;;) {
        struct iovec rooms[MESSAGES];
        struct mmsghdr messages[MESSAGES] = {0};
        for (int i = 0; i < MESSAGES; ++i) {
            rooms[i] = (struct iovec){bytes + i * SIZE, SIZE};
            messages[i].msg_hdr.msg_iov = &rooms[i];
            messages[i].msg_hdr.msg_iovlen = 1;
        }
        ask(fd, 2);
        int received = recvmmsg(fd, messages, MESSAGES, MSG_WAITFORONE, NULL);
        for (int i = 0; i < received; ++i) {
            if (messages[i].msg_len == 0) {
                return;
            }
            held += messages[i].msg_len;
        }
        for (; held >= SIZE; held -= SIZE) {
            answer(fd);
        }
    }
}

/* The response leaves where no call of libc's is made. */
static void by_splice(int fd) {
    int ends[2];
    demand(pipe2(ends, O_NONBLOCK) == 0);
    demand(read(fd, bytes, sizeof bytes) > 0);
    demand(raw3(SYS_write, fd, small, sizeof small - 1) == sizeof small - 1);
    told("spliced", splice(fd, NULL, ends[1], NULL, ROOM, 0));
    told("in the pipe", read(ends[0], bytes, sizeof bytes));
}

/* A large last response, FIN, and reads until one returns nothing. */
static void by_reads(int fd, const char* head, int asks) {
    int buffer = 2 * LARGE;
    char* body = calloc(1, LARGE);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof buffer);
    ask(fd, 1);
    demand(read(fd, bytes, sizeof bytes) > 0);
    demand(write(fd, head, strlen(head)) > 0 && write(fd, body, LARGE) == LARGE);
    demand(shutdown(fd, SHUT_WR) == 0);
    if (!asks) {
        struct timeval limit = {0, 700000};
        demand(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0);
    }
    do {
        if (asks) {
            ask(fd, 1);
        }
    } while (read(fd, bytes, sizeof bytes) > 0);
    close(fd);
}

int main(int count, char** words) {
    (void)signal(SIGPIPE, SIG_IGN);
    (void)alarm(LIFETIME_S);
    demand(count == 3);
    int fd = client();
    if (strcmp(words[1], "messages") == 0) {
        by_messages(fd);
        return 0;
    }
    exchanges(fd, atoi(words[2]));
    if (strcmp(words[1], "trunc") == 0) {
        by_trunc(fd);
    } else if (strcmp(words[1], "splice") == 0) {
        by_splice(fd);
    } else if (strcmp(words[1], "asked") == 0) {
        by_reads(fd, "HTTP/1.1 200 OK\r\n\r\n", 1);
    } else {
        by_reads(fd, "HTTP/1.1 200 OK\r\nContent-Length: 3145728\r\n\r\n", 0);
    }
    return 0;
}
