/* `passed_write WAY`: a thread is blocked in the write of a response to client A, who does not read yet;
 * another closes the number (no more) and accepts client B under it. Tells whether B was sent any byte of
 * A's response. WAY: mmsg, chunked, length, iovecs, message.
 * Knows that a blocked call holds its socket, and writes whatever is left as every server does. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/uio.h>

#include "peers.h"

enum { BUFFER = 1 << 16, CHUNK = 4096, CHUNKS = 1500, ROOM = CHUNKS * (CHUNK + 8) + 200, PIECES = 1000 };

static const char* way;
static char response[ROOM];
static size_t size;
static int of_a, of_b;
static atomic_int done, reached_b, sleeper;

static void make_response(void) {
    if (strcmp(way, "chunked") == 0 || strcmp(way, "iovecs") == 0 || strcmp(way, "message") == 0) {
        size = (size_t)sprintf(response, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < CHUNKS; ++i) {
            size += (size_t)sprintf(response + size, "%x\r\n", CHUNK);
            memset(response + size, 'a', CHUNK);
            size += CHUNK;
            size += (size_t)sprintf(response + size, "\r\n");
        }
        size += (size_t)sprintf(response + size, "0\r\n\r\n");
    } else {
        size_t head = (size_t)sprintf(
            response, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", CHUNK * CHUNKS);
        memset(response + head, 'a', (size_t)CHUNK * CHUNKS);
        size = head + (size_t)CHUNK * CHUNKS;
    }
}

/* What is left from here on, in this many pieces. */
static int pieces(struct iovec* piece, size_t at, int most) {
    size_t each = (size - at) / (size_t)most + 1;
    int count = 0;
    for (; at < size; ++count) {
        piece[count].iov_base = response + at;
        piece[count].iov_len = size - at < each ? size - at : each;
        at += piece[count].iov_len;
    }
    return count;
}

static ssize_t write_from(size_t at) {
    static struct iovec piece[PIECES];
    struct msghdr message = {.msg_iov = piece};
    if (strcmp(way, "iovecs") == 0) {
        return writev(of_a, piece, pieces(piece, at, PIECES));
    }
    if (strcmp(way, "message") == 0) {
        message.msg_iovlen = (size_t)pieces(piece, at, 3);
        return sendmsg(of_a, &message, 0);
    }
    return write(of_a, response + at, size - at);
}

static void write_all(void) {
    for (size_t at = 0; at < size;) {
        ssize_t wrote = write_from(at);
        if (wrote <= 0) {
            return;
        }
        at += (size_t)wrote;
    }
}

static void send_messages(void) {
    struct iovec piece[2];
    struct mmsghdr message[2] = {{.msg_hdr = {.msg_iov = &piece[0], .msg_iovlen = 1}},
                                 {.msg_hdr = {.msg_iov = &piece[1], .msg_iovlen = 1}}};
    (void)pieces(piece, 0, 2);
    (void)sendmmsg(of_a, message, 2, 0);
}

static void* serve_a(void* unused) {
    char buffer[4096];
    (void)unused;
    if (read(of_a, buffer, sizeof buffer) > 0) {
        atomic_store(&sleeper, own_thread());
        if (strcmp(way, "mmsg") == 0) {
            send_messages();
        } else {
            write_all();
        }
    }
    atomic_store(&done, 1);
    return NULL;
}

static void* receive_b(void* client) {
    static char buffer[1 << 16];
    ssize_t got;
    while ((got = recv(*(int*)client, buffer, sizeof buffer, 0)) > 0) {
        atomic_store(&reached_b, 1);
    }
    return NULL;
}

/* All that comes to A, until nothing comes once the server's calls are over. */
static size_t received(int client) {
    static char buffer[1 << 16];
    struct pollfd ready = {client, POLLIN, 0};
    size_t got = 0;
    for (long end = now_ms() + PATIENCE_MS; now_ms() < end;) {
        if (poll(&ready, 1, 300) != 1) {
            if (done) {
                break;
            }
            continue;
        }
        ssize_t part = recv(client, buffer, sizeof buffer, 0);
        if (part <= 0) {
            break;
        }
        got += (size_t)part;
    }
    return got;
}

int main(int count, char** arguments) {
    pthread_t a, b;
    int listener = peers_listen(BUFFER);
    way = count > 1 ? arguments[1] : "chunked";
    make_response();
    int client = peers_connect(BUFFER);
    of_a = peers_accept(listener);
    demand(-pthread_create(&a, NULL, serve_a, NULL), "pthread_create");
    ask(client, "/A");
    (void)comes(&sleeper, PATIENCE_MS);
    sleeps(sleeper); /* in a write that has no room */
    int blocked = !done, other = peers_connect(0);
    (void)close(of_a);
    of_b = peers_accept(listener);
    (void)pthread_create(&b, NULL, receive_b, &other);
    size_t got = received(client);
    printf("same number %d\nblocked %d\ncame back %d\n", of_a == of_b, blocked, comes(&done, PATIENCE_MS));
    rest_ms(200); /* what was sent to B comes to it */
    printf("reached B %d\n", reached_b);
    printf("A whole %d\n", got >= size);
    (void)fflush(stdout);
    _exit(0);
}
