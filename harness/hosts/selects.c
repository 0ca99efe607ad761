/* `selects BODY`: one thread, select(), one blocking read for each readable descriptor, as in every book.
 * Responses have a body of this size, which their socket has room for; a request for /slow is answered by
 * a thread of its own, a second later. Tells its port. Refuses to know why a read might not come back. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/select.h>

#include "peers.h"

enum { ROOM = 1 << 13, SLOW_MS = 1000 };

static char buffer[FD_SETSIZE][ROOM];
static size_t have[FD_SETSIZE];
static char* response;
static size_t size;

static void* answer_late(void* fd) {
    rest_ms(SLOW_MS);
    (void)!write((int)(long)fd, response, size);
    return NULL;
}

static void answer(int fd, const char* text) {
    pthread_t thread;
    if (strncmp(text, "GET /slow ", 10) == 0) {
        demand(-pthread_create(&thread, NULL, answer_late, (void*)(long)fd), "pthread_create");
        (void)pthread_detach(thread);
    } else {
        (void)!write(fd, response, size);
    }
}

/* Whether the connection is still there. */
static int serve(int fd) {
    char *text = buffer[fd], *end;
    ssize_t got = read(fd, text + have[fd], ROOM - 1 - have[fd]);
    if (got <= 0) {
        (void)close(fd);
        return 0;
    }
    have[fd] += (size_t)got;
    text[have[fd]] = 0;
    while ((end = strstr(text, "\r\n\r\n"))) {
        answer(fd, text);
        have[fd] -= (size_t)(end + 4 - text);
        memmove(text, end + 4, have[fd] + 1);
    }
    return 1;
}

int main(int count, char** arguments) {
    fd_set all, ready;
    int body = count > 1 ? atoi(arguments[1]) : 2, listener = peers_listen(1 << 20);
    response = calloc(1, (size_t)body + 200);
    size = (size_t)sprintf(response, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", body);
    memset(response + size, 'x', (size_t)body);
    size += (size_t)body;
    printf("%d\n", ntohs(peers.sin_port));
    (void)fflush(stdout);
    FD_ZERO(&all);
    for (FD_SET(listener, &all); ready = all, select(FD_SETSIZE, &ready, NULL, NULL, NULL) > 0;) {
        for (int fd = 0; fd < FD_SETSIZE; ++fd) {
            if (!FD_ISSET(fd, &ready)) {
                continue;
            }
            if (fd == listener) {
                int client = peers_accept(listener);
                FD_SET(client, &all);
                have[client] = 0;
            } else if (!serve(fd)) {
                FD_CLR(fd, &all);
            }
        }
    }
    return FAILED;
}
