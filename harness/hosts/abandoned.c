/* `abandoned cancel|jump ROUNDS`: calls that are never returned from: threads that are cancelled at any
 * moment of a loop of small reads, or leave it by siglongjmp from a timer's handler, as the read timeouts
 * of old servers do. Tells of how many connections in eight the only response says close, before it and
 * after. */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>

#include "peers.h"

enum { EIGHT = 8, PIECE = 60000 };

static const char nothing[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
static char upload[PIECE] = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
static int fd;
static sigjmp_buf back;

static void jump_back(int number) {
    (void)number;
    siglongjmp(back, 1);
}

static void read_bytes(void) {
    char byte;
    while (recv(fd, &byte, 1, MSG_DONTWAIT) != 0) {
    }
}

static void* read_until_cancelled(void* unused) {
    int old;
    (void)unused;
    (void)pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
    read_bytes();
    for (;;) {
        (void)pause();
    }
    return NULL;
}

static void cancelled(void) {
    pthread_t thread;
    (void)pthread_create(&thread, NULL, read_until_cancelled, NULL);
    (void)usleep(300);
    (void)pthread_cancel(thread);
    (void)pthread_join(thread, NULL);
}

static void jumped(int round) {
    struct itimerval soon = {{0, 0}, {0, 300 + (round * 37) % 500}};
    if (sigsetjmp(back, 1) == 0) {
        (void)setitimer(ITIMER_REAL, &soon, NULL);
        read_bytes();
        for (;;) {
            (void)pause();
        }
    }
}

static int followed(int listener) {
    int client[EIGHT], server[EIGHT], closes = 0;
    char buffer[4096];
    for (int i = 0; i < EIGHT; ++i) {
        client[i] = peers_connect(0);
        server[i] = peers_accept(listener);
        ask(client[i], "/");
        (void)hear(server[i], buffer, sizeof buffer, "\r\n\r\n", PATIENCE_MS);
        say(server[i], nothing);
        (void)hear(client[i], buffer, sizeof buffer, "\r\n\r\n", PATIENCE_MS);
        closes += says_close(buffer);
    }
    for (int i = 0; i < EIGHT; ++i) {
        (void)close(client[i]);
        (void)close(server[i]);
    }
    return closes;
}

int main(int count, char** arguments) {
    int jumps = count > 1 && strcmp(arguments[1], "jump") == 0;
    int rounds = count > 2 ? atoi(arguments[2]) : 400;
    int listener = peers_listen(0);
    memset(upload + strlen(upload), 'x', sizeof upload - strlen(upload));
    if (jumps) {
        (void)alarm(0); /* the same timer */
        (void)signal(SIGALRM, jump_back);
    }
    printf("before %d\n", followed(listener));
    for (int round = 0; round < rounds; ++round) {
        int client = peers_connect(0);
        fd = peers_accept(listener);
        (void)send(client, upload, sizeof upload, MSG_NOSIGNAL);
        if (jumps) {
            jumped(round);
        } else {
            cancelled();
        }
        (void)close(client);
        (void)close(fd);
    }
    printf("after %d\n", followed(listener));
    (void)fflush(stdout);
    _exit(0);
}
