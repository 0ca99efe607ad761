/* `closed_meanwhile discard|half-close close|dup2|close_range only|duplicated`: one thread reads two
 * requests of client A at once, or answers its one; another ends the connection's number by that call, the
 * only one or one of two, and gives it to client B, who has asked already, and is answered there. Tells
 * whether a preload held back what a library does on A's connection (held_back.h), whether that came before
 * the number was ended, and how B was served. Refuses to know what the library does: bare, nothing is held,
 * and A's thread is done when the number is ended. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>

#include "held_back.h"
#include "peers.h"

enum { HEARD_MS = 5000 };

static int of_a;

static void* read_of_a(void* unused) {
    char buffer[4096];
    (void)unused;
    (void)!recv(of_a, buffer, sizeof buffer, 0);
    return NULL;
}

static void* answer_a(void* unused) {
    (void)read_of_a(unused);
    say(of_a, two_bytes);
    return NULL;
}

static void closed(int fd, const char* call) {
    if (strcmp(call, "close") == 0) {
        demand(close(fd), call);
    } else {
        demand(close_range((unsigned)fd, (unsigned)fd, 0), call);
    }
}

/* The number on which B is served. `done`: whether what was held had been done when A's was ended. */
static int take_over(int listener, const char* call, struct held_back* held, int* done) {
    if (strcmp(call, "dup2") != 0) {
        closed(of_a, call);
        *done = atomic_load(&held->done);
        return peers_accept(listener);
    }
    int fd = peers_accept(listener);
    int over = demand(dup2(fd, of_a), call);
    *done = atomic_load(&held->done);
    (void)close(fd);
    return over;
}

static void serve_b(int fd, int client) {
    char buffer[4096];
    (void)hear(fd, buffer, sizeof buffer, "\r\n\r\n", HEARD_MS);
    printf("request whole %d\n", strcmp(buffer, "GET /B HTTP/1.1\r\nHost: a\r\n\r\n") == 0);
    say(fd, two_bytes);
    (void)hear(client, buffer, sizeof buffer, "\r\n\r\nhi", HEARD_MS);
    printf("response whole %d\n", strstr(buffer, "\r\n\r\nhi") != NULL);
}

int main(int count, char** arguments) {
    static struct held_back nobody;
    pthread_t a;
    demand(count - 4, "closed_meanwhile has three arguments");
    int discards = strcmp(arguments[1], "discard") == 0, done;
    struct held_back* held = dlsym(RTLD_DEFAULT, "held_back");
    int bare = held == NULL, listener = peers_listen(0), client = peers_connect(0);
    held = bare ? &nobody : held;
    of_a = peers_accept(listener);
    if (strcmp(arguments[3], "duplicated") == 0) {
        demand(dup(of_a), "dup");
    }
    int other = peers_connect(0);
    say(client, discards ? "GET /A HTTP/1.1\r\nHost: a\r\n\r\nGET /behind HTTP/1.1\r\nHost: a\r\n\r\n"
                         : "GET /A HTTP/1.1\r\nHost: a\r\n\r\n");
    ask(other, "/B");
    arrives(client);
    arrives(other);
    atomic_store(&held->call, discards ? THROWS_AWAY : HALF_CLOSES);
    demand(-pthread_create(&a, NULL, discards ? read_of_a : answer_a, NULL), "pthread_create");
    if (bare) {
        (void)pthread_join(a, NULL);
    } else {
        (void)comes(&held->reached, PATIENCE_MS);
    }
    int of_b = take_over(listener, arguments[2], held, &done);
    atomic_store(&held->go, 1);
    if (!bare) {
        (void)pthread_join(a, NULL);
    }
    printf("held %d\ndone %d\nsame number %d\n", held->reached, done, of_a == of_b);
    serve_b(of_b, other);
    (void)fflush(stdout);
    _exit(0);
}
