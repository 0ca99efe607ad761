/* `cancel_often CYCLES`: so many times, a thread is cancelled in the write of a response that its
 * client does not read; prints by how many KiB the resident memory grew over all but the first
 * tenth. Knows that a cancelled call never returns to whoever made it. Refuses to know what a call
 * may keep while it is made. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "raw.h"

static const char question[] = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";
static char reply[1 << 20] = "HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\r\n";

static int listener;
static struct sockaddr_in address = {.sin_family = AF_INET};

static void* answer(void* fd) {
    for (;;) {
        (void)write((int)(long)fd, reply, sizeof reply);
    }
    return NULL;
}

static int asked(int client) {
    char buffer[256];
    int small = 1;
    if (raw3(SYS_connect, client, &address, sizeof address) != 0 ||
        raw3(SYS_write, client, question, sizeof question - 1) < 0) {
        exit(4);
    }
    int fd = accept(listener, NULL, NULL);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    if (read(fd, buffer, sizeof buffer) <= 0) {
        exit(5);
    }
    return fd;
}

static void cycle(void) {
    pthread_t thread;
    void* result = NULL;
    int client = (int)raw3(SYS_socket, AF_INET, SOCK_STREAM, 0);
    long fd = asked(client);
    if (pthread_create(&thread, NULL, answer, (void*)fd) != 0 || pthread_cancel(thread) != 0 ||
        pthread_join(thread, &result) != 0 || result != PTHREAD_CANCELED || close((int)fd) != 0) {
        exit(6);
    }
    (void)raw3(SYS_close, client, 0, 0);
}

static long resident(void) {
    long pages = 0;
    FILE* file = fopen("/proc/self/statm", "re");
    if (!file || fscanf(file, "%*s %ld", &pages) != 1) {
        exit(7);
    }
    (void)fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

int main(int count, char** arguments) {
    socklen_t length = sizeof address;
    long before = 0;
    int cycles = count > 1 ? atoi(arguments[1]) : 10;
    (void)alarm(60);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr*)&address, sizeof address) != 0 ||
        listen(listener, 16) != 0 ||
        getsockname(listener, (struct sockaddr*)&address, &length) != 0) {
        return 3;
    }
    for (int i = 0; i < cycles; ++i) {
        before = i == cycles / 10 ? resident() : before;
        cycle();
    }
    printf("%ld\n", resident() - before);
    return 0;
}
