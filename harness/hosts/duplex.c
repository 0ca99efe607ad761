/* One connection with a thread for each direction: one reads until the end, the other answers when the
 * standard input says so, then both are joined and the socket is closed. Tells its port first, and how
 * much the first read got. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LIFETIME_S = 60, BODY = 300000 };

static int connection;

static void* read_all(void* unused) {
    char request[4096];
    (void)unused;
    ssize_t got = read(connection, request, sizeof request);
    (void)printf("read %zd\n", got);
    (void)fflush(stdout);
    while (got > 0) {
        got = read(connection, request, sizeof request);
    }
    return NULL;
}

static int answer(void) {
    static char response[BODY + 256];
    int head = sprintf(response, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", BODY);
    memset(response + head, 'b', BODY);
    return write(connection, response, (size_t)head + BODY) == head + BODY ? 0 : 2;
}

int main(void) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    pthread_t reader;
    char go;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    (void)alarm(LIFETIME_S);
    if (bind(listener, (struct sockaddr*)&address, length) != 0 || listen(listener, 1) != 0) {
        return 1;
    }
    (void)getsockname(listener, (struct sockaddr*)&address, &length);
    (void)printf("%d\n", ntohs(address.sin_port));
    (void)fflush(stdout);
    connection = accept(listener, NULL, NULL);
    (void)pthread_create(&reader, NULL, read_all, NULL);
    int status = read(0, &go, 1) == 1 ? answer() : 1;
    (void)pthread_join(reader, NULL);
    (void)close(connection);
    return status;
}
