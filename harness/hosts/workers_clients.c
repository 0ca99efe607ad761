/* A client of the worker host: one connection after the other, one request at a time, until it is told
 * close or has had one answer more than it expected; and a process that does nothing, busily.
 * Knows what a response is, to the byte, with a close option or without. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>

#include "peers.h"
#include "workers.h"

enum { ROOM = 4096 };

static const char last_one[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";
static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";

static void add(long* counts, int which) {
    (void)__atomic_add_fetch(&counts[which], 1, __ATOMIC_RELAXED);
}

/* Asks once; what came, or an empty text. */
static void exchange(int fd, char* heard) {
    if (asked.expect) {
        say(fd, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        (void)hear(fd, heard, ROOM, "\r\n\r\n", PATIENCE_MS);
        if (strcmp(heard, interim) != 0) {
            return;
        }
        say(fd, "body!");
    } else {
        ask(fd, "/");
    }
    (void)hear(fd, heard, ROOM, "\r\n\r\nhi", PATIENCE_MS);
}

/* Whether the connection ends behind the response that said so, in good order. */
static bool ends(int fd) {
    char rest[16];
    struct pollfd ready = {fd, POLLIN, 0};
    return poll(&ready, 1, PATIENCE_MS) == 1 && recv(fd, rest, sizeof rest, 0) == 0;
}

static int kind(int asks) {
    return asks == asked.exchanges ? EXACT : asks < asked.exchanges ? EARLY : NEVER;
}

static void visit(long* counts) {
    char heard[ROOM];
    int fd = peers_connect(0), one = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    for (int asks = 1; asks <= asked.exchanges + 1; ++asks) {
        exchange(fd, heard);
        add(counts, EXCHANGES);
        if (heard[0] == 0) {
            add(counts, SILENT);
            break;
        }
        if (strcmp(heard, last_one) == 0) {
            add(counts, ends(fd) ? kind(asks) : DAMAGED);
            break;
        }
        if (strcmp(heard, two_bytes) != 0) {
            add(counts, DAMAGED);
            break;
        }
        if (asks > asked.exchanges) {
            add(counts, NEVER);
        }
    }
    (void)close(fd);
}

static void end_with_the_host(void) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
}

void be_client(long* counts) {
    end_with_the_host();
    for (int i = 0; i < asked.connections; ++i) {
        visit(counts);
    }
    _exit(0);
}

void be_busy(void) {
    end_with_the_host();
    for (volatile long turns = 0;; ++turns) {
    }
}
