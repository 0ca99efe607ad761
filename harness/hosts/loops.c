/* From a listener to served connections: one after the other, a thread each, or edge-triggered
 * events. Knows when to accept and when to leave. Refuses to know what is said on a connection. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "host.h"

enum { MOST = 1024, PATIENCE_MS = 20000 };

static int accepted(int listener) {
    int fd;
    do {
        fd = settings.accept(listener);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) {
        return fd;
    }
    if (settings.high) {
        int moved = fcntl(fd, F_DUPFD, settings.high);
        (void)close(fd);
        fd = moved;
    }
    return fd;
}

/* The growth of resident memory since the first call, in KiB. */
static long grown(void) {
    static long before = -1;
    long pages = 0;
    FILE* file = fopen("/proc/self/statm", "re");
    if (!file || fscanf(file, "%*s %ld", &pages) != 1) {
        give_up("statm");
    }
    (void)fclose(file);
    long now = pages * (sysconf(_SC_PAGESIZE) / 1024);
    before = before < 0 ? now : before;
    return now - before;
}

void loop_sequential(int listener) {
    (void)grown();
    for (int served = 0; served < settings.connections; ++served) {
        int fd = accepted(listener);
        if (fd < 0) {
            give_up("accept");
        }
        trace("accepted %d", fd);
        serve(connection_on(fd));
    }
    if (settings.high) {
        trace("grown %ld", grown());
    }
}

static void* serve_in_thread(void* fd) {
    serve(connection_on((int)(long)fd));
    return NULL;
}

void loop_threads(int listener) {
    static pthread_t threads[MOST];
    int count = settings.connections < MOST ? settings.connections : MOST;
    for (int served = 0; served < count; ++served) {
        long fd = accepted(listener);
        if (fd < 0 || pthread_create(&threads[served], NULL, serve_in_thread, (void*)fd) != 0) {
            give_up("a thread for a connection");
        }
    }
    for (int served = 0; served < count; ++served) {
        (void)pthread_join(threads[served], NULL);
    }
}

/* ---- edge-triggered: told once, so everything must be taken ---------------------------------- */

static void watch(int queue, int fd, void* who) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = who};
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    if (epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event) != 0) {
        give_up("epoll_ctl");
    }
}

static int accept_new(int queue, int listener) {
    int count = 0;
    int fd = accepted(listener);
    while (fd >= 0) {
        watch(queue, fd, connection_on(fd));
        ++count;
        fd = accepted(listener);
    }
    return count;
}

/* False when the connection is over. */
static bool take_all(struct connection* connection) {
    ssize_t received;
    size_t room;
    do {
        room = sizeof connection->buffer - connection->held;
        if (!receive_once(connection, &received)) {
            return false;
        }
        if (received > 0 && !answer_all(connection)) {
            return false;
        }
    } while (received > 0 && !(settings.short_is_drained && (size_t)received < room));
    return true;
}

void loop_edge_triggered(int listener) {
    int queue = epoll_create1(EPOLL_CLOEXEC);
    int ended = 0;
    watch(queue, listener, NULL);
    while (ended < settings.connections) {
        struct epoll_event events[64];
        int count = epoll_wait(queue, events, 64, PATIENCE_MS);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            give_up("nothing happened");
        }
        for (int i = 0; i < count; ++i) {
            struct connection* connection = events[i].data.ptr;
            if (!connection) {
                (void)accept_new(queue, listener);
            } else if (!take_all(connection)) {
                connection_end(connection);
                ++ended;
            }
        }
    }
    (void)close(queue);
}
