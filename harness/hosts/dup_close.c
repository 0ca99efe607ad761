/* `dup_close SECONDS`: one thread closes a connection's number while another duplicates it, for so long,
 * and now and then looks at connections that have nothing to do with it: on how many in three the second
 * response says close, and whether a head that is written in two pieces comes whole though a connection
 * is accepted in between. Knows no more than that: which of the two threads was first is chance. */
#define _GNU_SOURCE
#include <pthread.h>

#include "peers.h"

enum { THREE = 3, DAMAGED = 100, TRIES = 2000 };

static const char nothing[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
static atomic_int turn, got, over;
static int number;

static void spin(unsigned* seed, unsigned most) {
    *seed = *seed * 1103515245 + 12345;
    for (volatile unsigned i = (*seed >> 16) % most; i > 0; --i) {
    }
}

static void* duplicate(void* unused) {
    unsigned seed = 7;
    (void)unused;
    for (int seen = 0; !over;) {
        if (atomic_load(&turn) != seen) {
            seen = atomic_load(&turn);
            spin(&seed, 200);
            atomic_store(&got, dup(number) + 2);
        }
    }
    return NULL;
}

/* The request, and the response in these pieces; `between` is accepted behind the first. */
static int exchange(int client, int server, const char* first, const char* second, int listener) {
    char buffer[4096];
    int between[2] = {-1, -1};
    ask(client, "/");
    (void)hear(server, buffer, sizeof buffer, "\r\n\r\n", PATIENCE_MS);
    say(server, first);
    if (second) {
        between[0] = peers_connect(0);
        between[1] = peers_accept(listener);
        say(server, second);
    }
    (void)hear(client, buffer, sizeof buffer, "\r\n\r\n", PATIENCE_MS);
    (void)close(between[0]);
    (void)close(between[1]);
    return says_close(buffer) + (second && !strstr(buffer, "\r\nConnected-By: me\r\n") ? DAMAGED : 0);
}

static int look(int listener) {
    int client[THREE + 1], server[THREE + 1], found = 0;
    for (int i = 0; i <= THREE; ++i) {
        client[i] = peers_connect(0);
        server[i] = peers_accept(listener);
        (void)exchange(client[i], server[i], nothing, NULL, listener);
    }
    for (int i = 0; i < THREE; ++i) {
        found += exchange(client[i], server[i], nothing, NULL, listener);
    }
    int split = exchange(client[THREE], server[THREE], "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConn",
                         "ected-By: me\r\n\r\n", listener);
    for (int i = 0; i <= THREE; ++i) {
        (void)close(client[i]);
        (void)close(server[i]);
    }
    return found + (split >= DAMAGED ? DAMAGED : 0);
}

static void race(int listener, unsigned* seed) {
    struct linger reset = {1, 0};
    int client = peers_connect(0);
    number = peers_accept(listener);
    atomic_store(&got, 0);
    atomic_fetch_add(&turn, 1);
    spin(seed, 1500);
    (void)close(number);
    for (long spins = 0; atomic_load(&got) == 0; ++spins) {
        if (spins % 1000 == 999) {
            (void)sched_yield();
        }
    }
    if (got > 1) {
        (void)close(got - 2);
    }
    (void)setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    (void)close(client);
}

int main(int count, char** arguments) {
    pthread_t thread;
    unsigned seed = 3;
    long seconds = count > 1 ? atol(arguments[1]) : 5;
    int listener = peers_listen(0), before = look(listener), now = before;
    (void)alarm((unsigned)seconds + LIFETIME_S);
    (void)pthread_create(&thread, NULL, duplicate, NULL);
    printf("before %d\n", before);
    for (long end = now_ms() + seconds * 1000; now == before && now_ms() < end;) {
        for (int i = 0; i < TRIES && now_ms() < end; ++i) {
            race(listener, &seed);
        }
        now = look(listener);
    }
    printf("after %d\n", now);
    (void)fflush(stdout);
    _exit(0);
}
