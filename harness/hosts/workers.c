/* `workers [key=value...]`: threads that read and write the same connections in turn; prints what its
 * clients counted. With serve=1 it has no clients of its own: it listens on PORT and serves for ever; or,
 * without PORT, where it can, tells its port first, and ends with its input. A connection never has two requests at once, nor two writes under way: a
 * response is written after its client has had the one before it and asked again.
 * Refuses to know who returns first from a call: the thread that wrote, or the one that wrote next. */
#define _GNU_SOURCE
#include "workers.h"

#include <stdbool.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "peers.h"

enum { MOST_CLIENTS = 16 };

struct asked asked = {.threads = 2, .clients = 4, .connections = 10, .exchanges = 10, .way = "write"};
static int serves, most_seconds = LIFETIME_S;

static bool named(const char* word, const char* name, int* value) {
    size_t length = strlen(name);
    if (strncmp(word, name, length) != 0 || word[length] != '=') {
        return false;
    }
    *value = atoi(word + length + 1);
    return true;
}

static void take(const char* word) {
    int flag = 0;
    if (strncmp(word, "way=", 4) == 0) {
        asked.way = word + 4;
    } else if (named(word, "herd", &flag)) {
        asked.herd = flag != 0;
    } else if (named(word, "edge", &flag)) {
        asked.edge = flag != 0;
    } else if (named(word, "oneshot", &flag)) {
        asked.oneshot = flag != 0;
    } else if (named(word, "expect", &flag)) {
        asked.expect = flag != 0;
    } else if (!named(word, "threads", &asked.threads) && !named(word, "clients", &asked.clients) &&
               !named(word, "connections", &asked.connections) && !named(word, "serve", &serves) &&
               !named(word, "exchanges", &asked.exchanges) && !named(word, "busy", &asked.busy) &&
               !named(word, "seconds", &most_seconds)) {
        (void)fprintf(stderr, "what is %s\n", word);
        _exit(FAILED);
    }
}

static int started(void (*be)(long*), long* counts) {
    int pid = demand(fork(), "fork");
    if (pid == 0) {
        (void)alarm((unsigned)most_seconds);
        be(counts);
    }
    return pid;
}

static void idle(long* counts) {
    (void)counts;
    be_busy();
}

static void end(int pid) {
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

static void told(const long* counts) {
    static const char* const names[COUNTS] = {"exchanges", "exact", "early", "never", "damaged", "silent"};
    for (int i = 0; i < COUNTS; ++i) {
        printf("%s %ld\n", names[i], counts[i]);
    }
}

static void visited(int listener) {
    long* counts = mmap(NULL, sizeof(long) * COUNTS, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int busy[MOST_CLIENTS], client[MOST_CLIENTS];
    for (int i = 0; i < asked.busy; ++i) {
        busy[i] = started(idle, counts);
    }
    for (int i = 0; i < asked.clients; ++i) {
        client[i] = started(be_client, counts);
    }
    serve_together(listener);
    for (int i = 0; i < asked.clients; ++i) {
        (void)waitpid(client[i], NULL, 0);
    }
    for (int i = 0; i < asked.busy; ++i) {
        end(busy[i]);
    }
    told(counts);
}

static void serve_others(int listener, bool for_ever) {
    char byte;
    (void)alarm(0); /* who started it ends it */
    printf("%d\n", ntohs(peers.sin_port));
    (void)fflush(stdout);
    serve_together(listener);
    while (for_ever || read(0, &byte, 1) > 0) {
        (void)(for_ever && pause());
    }
}

int main(int count, char** arguments) {
    const char* port = getenv("PORT");
    for (int i = 1; i < count; ++i) {
        take(arguments[i]);
    }
    peers.sin_port = htons(serves && port ? (unsigned short)atoi(port) : 0);
    int listener = peers_listen(0);
    (void)alarm((unsigned)most_seconds);
    if (serves) {
        serve_others(listener, port != NULL);
    } else if (asked.clients <= MOST_CLIENTS && asked.busy <= MOST_CLIENTS) {
        visited(listener);
    }
    (void)fflush(stdout);
    _exit(0);
}
