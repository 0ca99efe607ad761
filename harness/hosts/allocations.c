/* Counts the allocations made before main, by whoever makes them; main serves nothing, accepts one
 * connection of its own and prints the counts before and after. Knows that a program's malloc is
 * everybody's. Refuses to give memory back: what it hands out is a bump through a static area. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "raw.h"

enum { AREA = 1 << 20, UNIT = 16 };

static alignas(UNIT) char area[AREA];
static size_t used;
static long count;

void* malloc(size_t size) {
    size_t whole = (size + 2 * UNIT - 1) / UNIT * UNIT;
    if (used + whole > AREA) {
        return NULL;
    }
    char* memory = area + used + UNIT;
    memcpy(memory - UNIT, &size, sizeof size);
    used += whole;
    ++count;
    return memory;
}

void free(void* memory) { (void)memory; }

void* calloc(size_t number, size_t size) { return malloc(number * size); }

void* realloc(void* old, size_t size) {
    size_t before = 0;
    void* memory = malloc(size);
    if (old && memory) {
        memcpy(&before, (char*)old - UNIT, sizeof before);
        memcpy(memory, old, before < size ? before : size);
    }
    return memory;
}

static int accept_one(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    char byte;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int client = (int)raw3(SYS_socket, AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr*)&address, sizeof address) != 0 ||
        listen(listener, 1) != 0 ||
        getsockname(listener, (struct sockaddr*)&address, &length) != 0 ||
        raw3(SYS_connect, client, &address, sizeof address) != 0) {
        return 1;
    }
    int fd = accept(listener, NULL, NULL);
    (void)raw3(SYS_close, client, 0, 0);
    return read(fd, &byte, 1) != 0 || close(fd) != 0;
}

int main(void) {
    long at_start = count;
    int failed = accept_one();
    long at_end = count;
    (void)printf("%ld %ld\n", at_start, at_end);
    return failed;
}
