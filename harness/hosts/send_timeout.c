/* `send_timeout silent|trickle`: one blocking write of several megabytes, chunked, on a connection whose
 * send timeout is a second, to a client that reads nothing, or a little now and then. Tells how long the
 * call lasted, in milliseconds, and whether all was taken. */
#define _GNU_SOURCE
#include <pthread.h>

#include "peers.h"

enum { BUFFER = 1 << 16, CHUNK = 4096, CHUNKS = 1500, SIP = 1 << 14, PAUSE_MS = 25 };

static int client, trickles;
static atomic_int done;

static void* sip(void* unused) {
    static char buffer[SIP];
    (void)unused;
    while (!done && (!trickles || recv(client, buffer, sizeof buffer, 0) > 0)) {
        rest_ms(PAUSE_MS);
    }
    return NULL;
}

static size_t made(char* response) {
    size_t size = (size_t)sprintf(response, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < CHUNKS; ++i) {
        size += (size_t)sprintf(response + size, "%x\r\n", CHUNK);
        memset(response + size, 'a', CHUNK);
        size += CHUNK;
        size += (size_t)sprintf(response + size, "\r\n");
    }
    return size + (size_t)sprintf(response + size, "0\r\n\r\n");
}

int main(int count, char** arguments) {
    static char response[CHUNKS * (CHUNK + 8) + 200];
    char buffer[4096];
    struct timeval second = {1, 0};
    pthread_t thread;
    size_t size = made(response);
    int listener = peers_listen(BUFFER);
    trickles = count > 1 && strcmp(arguments[1], "trickle") == 0;
    client = peers_connect(BUFFER);
    int fd = peers_accept(listener);
    demand(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second), "setsockopt");
    ask(client, "/");
    demand((int)read(fd, buffer, sizeof buffer) - 1, "read");
    (void)pthread_create(&thread, NULL, sip, NULL);
    long start = now_ms();
    ssize_t wrote = write(fd, response, size);
    printf("lasted %ld\nwhole %d\n", now_ms() - start, wrote == (ssize_t)size);
    atomic_store(&done, 1);
    (void)fflush(stdout);
    _exit(0);
}
