/* The threads of the worker host: one that reads and hands each request to a pool, or several in one epoll
 * that answer for themselves. Knows that whoever re-arms or hands on a connection may be overtaken, and
 * lets go of it first. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#include "peers.h"
#include "workers.h"

enum { QUEUE = 1 << 16, EVENTS = 64 };

/* Lives for ever, so that an event that comes late finds its own connection. Its number is closed by whoever
 * is the last to use it: one who came late would else read from the number's next connection, maybe before
 * accept has returned that. */
struct peer {
    int fd;
    atomic_bool open;
    atomic_int users; /* one of them for as long as it is open */
};

struct job {
    struct peer* peer;
    bool goes_on; /* says 100 */
};

static struct job queue[QUEUE];
static unsigned first, last;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static int events, file, listening;

/* ---- writing -------------------------------------------------------------------------------- */

static void answer(int fd) {
    static const char body[] = "hi";
    size_t size = strlen(two_bytes), head = size - strlen(body);
    struct iovec piece[2] = {{(void*)(size_t)two_bytes, head}, {(void*)(size_t)body, strlen(body)}};
    struct msghdr message = {.msg_iov = piece, .msg_iovlen = 2};
    off_t at = 0;
    if (strcmp(asked.way, "writev") == 0) {
        (void)!writev(fd, piece, 2);
    } else if (strcmp(asked.way, "sendmsg") == 0) {
        (void)sendmsg(fd, &message, MSG_NOSIGNAL);
    } else if (strcmp(asked.way, "sendfile") == 0) {
        (void)send(fd, two_bytes, head, MSG_MORE);
        (void)!sendfile(fd, file, &at, strlen(body));
    } else if (strcmp(asked.way, "parts") == 0) {
        (void)!write(fd, two_bytes, head);
        (void)!write(fd, body, strlen(body));
    } else {
        (void)!write(fd, two_bytes, size);
    }
}

static void do_job(struct job job) {
    static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (job.goes_on) {
        (void)!write(job.peer->fd, interim, strlen(interim));
    } else {
        answer(job.peer->fd);
    }
}

static void* work(void* unused) {
    (void)unused;
    for (;;) {
        (void)pthread_mutex_lock(&lock);
        while (first == last) {
            (void)pthread_cond_wait(&filled, &lock);
        }
        struct job job = queue[first++ % QUEUE];
        (void)pthread_mutex_unlock(&lock);
        do_job(job);
    }
    return NULL;
}

static void hand_on(struct job job) {
    (void)pthread_mutex_lock(&lock);
    queue[last++ % QUEUE] = job;
    (void)pthread_cond_signal(&filled);
    (void)pthread_mutex_unlock(&lock);
}

/* ---- reading -------------------------------------------------------------------------------- */

static void watch(int how, struct peer* peer) {
    struct epoll_event event = {EPOLLIN | (asked.edge ? EPOLLET : 0U) | (asked.oneshot ? EPOLLONESHOT : 0U),
                                {.ptr = peer}};
    (void)epoll_ctl(events, how, peer->fd, &event);
}

static struct job job_of(struct peer* peer, const char* text) {
    return (struct job){peer, strncmp(text, "POST ", 5) == 0};
}

static bool hold(struct peer* peer) {
    int users = atomic_load(&peer->users);
    while (users > 0 && !atomic_compare_exchange_weak(&peer->users, &users, users + 1)) {
    }
    return users > 0;
}

static void let_go(struct peer* peer) {
    if (atomic_fetch_sub(&peer->users, 1) == 1) {
        (void)close(peer->fd);
    }
}

/* What one read brought; whether it brought anything. */
static bool read_once(struct peer* peer, struct job* job) {
    char text[4096];
    ssize_t got = read(peer->fd, text, sizeof text - 1);
    if (got > 0) {
        text[got] = 0;
        *job = job_of(peer, text);
    } else if ((got == 0 || errno != EAGAIN) && atomic_exchange(&peer->open, false)) {
        let_go(peer);
    }
    return got > 0;
}

/* All there is, by edges, and once, by levels. Whoever looks next may be there before the answer. */
static void read_from(struct peer* peer) {
    struct job job = {NULL, false};
    while (read_once(peer, &job) && asked.edge) {
    }
    if (asked.oneshot && atomic_load(&peer->open)) {
        watch(EPOLL_CTL_MOD, peer);
    }
    if (job.peer && asked.herd) {
        do_job(job);
    } else if (job.peer) {
        hand_on(job);
    }
}

static void take_connection(void) {
    int one = 1, fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK);
    struct peer* peer = fd < 0 ? NULL : calloc(1, sizeof *peer);
    if (!peer) {
        return;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    peer->fd = fd;
    atomic_store(&peer->open, true);
    atomic_store(&peer->users, 1);
    watch(EPOLL_CTL_ADD, peer);
}

static void* look(void* unused) {
    struct epoll_event event[EVENTS];
    (void)unused;
    for (;;) {
        int count = epoll_wait(events, event, asked.herd ? 1 : EVENTS, -1);
        for (int i = 0; i < count; ++i) {
            struct peer* peer = event[i].data.ptr;
            if (!peer) {
                take_connection();
            } else if (hold(peer)) {
                read_from(peer);
                let_go(peer);
            }
        }
    }
    return NULL;
}

void serve_together(int listener) {
    struct epoll_event event = {EPOLLIN, {.ptr = NULL}};
    pthread_t thread;
    listening = listener;
    events = demand(epoll_create1(0), "epoll_create1");
    file = demand(memfd_create("body", 0), "memfd_create");
    demand((int)write(file, "hi", 2), "write");
    demand(fcntl(listener, F_SETFL, O_NONBLOCK), "fcntl");
    demand(epoll_ctl(events, EPOLL_CTL_ADD, listener, &event), "epoll_ctl");
    for (int i = 0; i < asked.threads; ++i) {
        demand(-pthread_create(&thread, NULL, asked.herd ? look : work, NULL), "pthread_create");
    }
    if (!asked.herd) {
        demand(-pthread_create(&thread, NULL, look, NULL), "pthread_create");
    }
}
