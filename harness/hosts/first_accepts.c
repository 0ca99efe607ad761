/* Eight threads whose first accepts coincide, each for one connection that it answers and closes. Tells
   its port, waits until as many clients are queued, then lets all threads go at once. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { threads = 8 };

static int listener;
static pthread_barrier_t start;

static void *serve(void *unused) {
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    char request[4096];
    (void)unused;
    pthread_barrier_wait(&start);
    int fd = accept(listener, NULL, NULL);
    if (fd < 0 || read(fd, request, sizeof request) <= 0) return "no request";
    if (write(fd, answer, sizeof answer - 1) != (ssize_t)sizeof answer - 1) return "no answer";
    close(fd);
    return NULL;
}

int main(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    pthread_t each[threads];
    char go;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, threads) != 0) return 1;
    getsockname(listener, (struct sockaddr *)&address, &length);
    pthread_barrier_init(&start, NULL, threads);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    if (read(0, &go, 1) != 1) return 1;
    for (int i = 0; i < threads; ++i) pthread_create(&each[i], NULL, serve, NULL);
    for (int i = 0; i < threads; ++i) {
        void *trouble = NULL;
        pthread_join(each[i], &trouble);
        if (trouble) return 2;
    }
    return 0;
}
