/* `passed_read close|shutdown`: a thread is blocked in a read behind its response to client A; another
 * closes the connection, and accepts client B under the same number. Tells how many reads of A's thread
 * were given B's bytes, how many ended, and what B's own reads got. Knows that a blocked read holds its
 * socket, whatever becomes of the number. */
#define _GNU_SOURCE
#include <pthread.h>

#include "peers.h"

enum { ROUNDS = 150, UPLOAD = 400000, END_MS = 10000 };

static const char upload_head[] = "POST /B HTTP/1.1\r\nHost: a\r\nContent-Length: 400000\r\n\r\n";
static char upload[UPLOAD + sizeof upload_head];
static int of_a, of_b;
static atomic_int over, stolen, had, sleeper;

static void* serve_a(void* unused) {
    char buffer[4096];
    (void)unused;
    atomic_store(&sleeper, own_thread());
    for (int reads = 0;; ++reads) {
        ssize_t got = read(of_a, buffer, sizeof buffer);
        if (got <= 0 || reads > 0) {
            atomic_fetch_add(&stolen, got > 0);
            break;
        }
        (void)!write(of_a, two_bytes, strlen(two_bytes));
    }
    atomic_store(&over, 1);
    return NULL;
}

static int first_exchange(int listener, pthread_t* thread) {
    char buffer[4096];
    int client = peers_connect(0);
    of_a = peers_accept(listener);
    atomic_store(&over, 0);
    demand(-pthread_create(thread, NULL, serve_a, NULL), "pthread_create");
    ask(client, "/A");
    (void)hear(client, buffer, sizeof buffer, "hi", PATIENCE_MS);
    sleeps(sleeper); /* in its next read */
    return client;
}

static void* serve_b(void* unused) {
    static char buffer[4096];
    ssize_t got;
    (void)unused;
    while (had < (int)sizeof upload - 1 && (got = read(of_b, buffer, sizeof buffer)) > 0) {
        atomic_fetch_add(&had, (int)got);
        rest_ms(1);
    }
    return NULL;
}

static void* send_upload(void* client) {
    (void)send(*(int*)client, upload, sizeof upload - 1, MSG_NOSIGNAL);
    return NULL;
}

/* The number is closed and no more; A's client leaves while B uploads. */
static void by_close(int listener) {
    pthread_t a, b, sender;
    int client = first_exchange(listener, &a), other = peers_connect(0);
    (void)close(of_a);
    of_b = peers_accept(listener);
    memset(upload, 'b', sizeof upload);
    memcpy(upload, upload_head, sizeof upload_head - 1);
    (void)pthread_create(&b, NULL, serve_b, NULL);
    (void)pthread_create(&sender, NULL, send_upload, &other);
    rest_ms(20);
    (void)close(client);
    for (long end = now_ms() + END_MS; had < (int)sizeof upload - 1 && now_ms() < end;) {
        rest_ms(5);
    }
    printf("same number %d\nended %d\n", of_a == of_b, comes(&over, END_MS));
    printf("missing %d\n", (int)sizeof upload - 1 - had);
}

/* Shut down first, which wakes the thread; the next client has asked already when it is accepted. */
static void by_shutdown(int listener) {
    int same = 0, ended = 0;
    for (int round = 0; round < ROUNDS; ++round) {
        pthread_t thread;
        int client = first_exchange(listener, &thread), other = peers_connect(0), number = of_a;
        ask(other, "/B");
        (void)shutdown(number, SHUT_RDWR);
        (void)close(number);
        int next = peers_accept(listener);
        if (!comes(&over, END_MS)) {
            break;
        }
        same += next == number;
        ++ended;
        (void)pthread_join(thread, NULL);
        (void)close(client);
        (void)close(other);
        (void)close(next);
    }
    printf("same number %d\nended %d\nmissing 0\n", same == ROUNDS, ended == ROUNDS);
}

int main(int count, char** arguments) {
    int listener = peers_listen(0);
    if (count > 1 && strcmp(arguments[1], "close") == 0) {
        by_close(listener);
    } else {
        by_shutdown(listener);
    }
    printf("stolen %d\n", stolen);
    (void)fflush(stdout);
    _exit(0);
}
