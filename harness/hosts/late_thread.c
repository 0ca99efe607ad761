/* `late_thread read|sendfile [alone]`: connection A's thread is blocked in the call while the connection is
 * shut down, closed, and its number (and whatever memory went with it) is B's, and comes back from it
 * afterwards: it runs on the main thread's processor, with no claim to it. `alone`: without that thread.
 * Then B is answered. Knows which of B's responses is its last, and says how its client was served. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/sendfile.h>

#include "peers.h"

enum { BODY = 300000, FILE_SIZE = 30000000, SMALL = 4096 };

static int of_a, file;
static cpu_set_t one;
static atomic_int sleeper;

static void pin(void) {
    cpu_set_t all;
    CPU_ZERO(&one);
    demand(sched_getaffinity(0, sizeof all, &all), "sched_getaffinity");
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
        if (CPU_ISSET(cpu, &all)) {
            CPU_SET(cpu, &one);
        }
    }
    demand(sched_setaffinity(0, sizeof one, &one), "sched_setaffinity");
}

static void come_late(void) {
    struct sched_param parameter = {0};
    (void)sched_setaffinity(0, sizeof one, &one);
    (void)pthread_setschedparam(pthread_self(), SCHED_IDLE, &parameter);
}

static void* read_late(void* unused) {
    char buffer[4096];
    (void)unused;
    come_late();
    if (read(of_a, buffer, sizeof buffer) > 0) {
        atomic_store(&sleeper, own_thread());
        (void)!read(of_a, buffer, sizeof buffer);
    }
    return NULL;
}

static void* send_late(void* unused) {
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 30000000\r\n\r\n";
    char buffer[4096];
    off_t at = 0;
    (void)unused;
    come_late();
    if (read(of_a, buffer, sizeof buffer) > 0 && write(of_a, head, sizeof head - 1) > 0) {
        atomic_store(&sleeper, own_thread());
        (void)sendfile(of_a, file, &at, FILE_SIZE); /* once: the number is another's afterwards */
    }
    return NULL;
}

/* The last response fills the window of a client that sends on, and the server closes. */
static void close_behind(int fd, int client) {
    static char response[BODY + 200], got[BODY + 4096];
    char buffer[4096];
    size_t head = (size_t)sprintf(response, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", BODY);
    memset(response + head, 'x', BODY);
    ask(client, "/B");
    if (read(fd, buffer, sizeof buffer) <= 0 ||
        write(fd, response, head + BODY) != (ssize_t)(head + BODY)) {
        _exit(FAILED);
    }
    ask(client, "/more");
    arrives(client);
    (void)close(fd);
    size_t size = 0;
    ssize_t part;
    while ((part = recv(client, got + size, sizeof got - 1 - size, 0)) > 0) {
        size += (size_t)part;
    }
    printf("says close %d\nwhole %d\nreset %d\n", says_close(got), size >= head + BODY, part < 0);
}

static void answer_two(int fd, int client) {
    char buffer[4096];
    for (int i = 0; i < 2; ++i) {
        ask(client, "/B");
        if (read(fd, buffer, sizeof buffer) <= 0 || write(fd, two_bytes, strlen(two_bytes)) < 0) {
            _exit(FAILED);
        }
        (void)hear(client, buffer, sizeof buffer, "hi", PATIENCE_MS);
    }
    printf("says close %d\nwhole %d\nreset 0\n", says_close(buffer), strstr(buffer, "hi") != NULL);
}

int main(int count, char** arguments) {
    pthread_t thread;
    int reads = count > 1 && strcmp(arguments[1], "read") == 0;
    int listener = peers_listen(1 << 20), client = peers_connect(0);
    pin();
    file = demand(memfd_create("file", 0), "memfd_create");
    demand(ftruncate(file, FILE_SIZE), "ftruncate");
    of_a = peers_accept(listener);
    if (count < 3) {
        (void)pthread_create(&thread, NULL, reads ? read_late : send_late, NULL);
        ask(client, "/A");
        (void)comes(&sleeper, PATIENCE_MS);
        sleeps(sleeper); /* in the call */
    }
    int next = peers_connect(reads ? SMALL : 0);
    (void)shutdown(of_a, SHUT_RDWR);
    (void)close(of_a);
    int of_b = peers_accept(listener);
    rest_ms(200); /* now A's thread runs */
    if (reads) {
        close_behind(of_b, next);
    } else {
        answer_two(of_b, next);
    }
    printf("same number %d\n", of_a == of_b);
    (void)fflush(stdout);
    _exit(0);
}
