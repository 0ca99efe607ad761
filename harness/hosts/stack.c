/* `stack N FIRST [handler]`: N exchanges on one connection, each by other calls than the one
 * before, all made by a thread with the smallest stack there is, or by a signal handler on an
 * alternate stack, which then prints how many bytes of it the calls took; prints what each response
 * said of the connection. Knows both ends. Refuses to know a library: the client's end is made by
 * raw calls. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "raw.h"

static const char question[] = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";
static const char reply[] =
    "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok";

static int listener;
static int exchanges;

/* One of many ways in and out; everything large is static, so that the stack is the calls'. */
static bool answered(int fd, int way) {
    static char buffer[64];
    static struct iovec in = {buffer, sizeof buffer};
    static struct iovec out[] = {{(char*)reply, 9}, {(char*)reply + 9, sizeof reply - 10}};
    static struct mmsghdr got = {.msg_hdr = {.msg_iov = &in, .msg_iovlen = 1}};
    static struct mmsghdr sent = {.msg_hdr = {.msg_iov = out, .msg_iovlen = 2}};
    const size_t all = sizeof reply - 1;
    switch (way % 7) {
        case 0: return read(fd, buffer, sizeof buffer) > 0 && write(fd, reply, all) > 0;
        case 1: return readv(fd, &in, 1) > 0 && writev(fd, out, 2) > 0;
        case 2: return recv(fd, buffer, sizeof buffer, 0) > 0 && send(fd, reply, all, 0) > 0;
        case 3:
            return recvfrom(fd, buffer, sizeof buffer, 0, NULL, NULL) > 0 &&
                   sendto(fd, reply, all, MSG_NOSIGNAL, NULL, 0) > 0;
        case 4: return recvmsg(fd, &got.msg_hdr, 0) > 0 && sendmsg(fd, &sent.msg_hdr, 0) > 0;
        case 5: return recvmmsg(fd, &got, 1, 0, NULL) == 1 && sendmmsg(fd, &sent, 1, 0) == 1;
        default:
            return syscall(SYS_read, fd, buffer, sizeof buffer) > 0 &&
                   syscall(SYS_write, fd, reply, all) > 0;
    }
}

static void serve(int first) {
    static char byte;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    int twin = dup2(fd, fcntl(fd, F_DUPFD, 50));
    for (int i = 0; i < exchanges && answered(i % 2 ? twin : fd, first + i); ++i) {
    }
    (void)read(fd, &byte, 1);
    (void)close(twin);
    (void)shutdown(fd, SHUT_RDWR);
    (void)close(fd);
}

static void* serve_in_thread(void* first) {
    serve((int)(long)first);
    return NULL;
}

/* ---- an alternate stack ---------------------------------------------------------------------- */

enum { ALTERNATE = 1 << 16, UNTOUCHED = 0xa5 };

static int first_way;
static unsigned char* area;
static unsigned char* entered;

static void serve_in_handler(int signal) {
    (void)signal;
    entered = __builtin_frame_address(0);
    serve(first_way);
}

static void* serve_on_alternate_stack(void* nothing) {
    struct sigaction action = {.sa_handler = serve_in_handler, .sa_flags = SA_ONSTACK};
    area = malloc(ALTERNATE);
    memset(area, UNTOUCHED, ALTERNATE);
    stack_t alternate = {.ss_sp = area, .ss_size = ALTERNATE};
    if (sigaltstack(&alternate, NULL) != 0 || sigaction(SIGUSR1, &action, NULL) != 0 ||
        raise(SIGUSR1) != 0) {
        exit(6);
    }
    unsigned char* deepest = area;
    while (*deepest == UNTOUCHED) {
        ++deepest;
    }
    printf("took %ld\n", (long)(entered - deepest));
    return nothing;
}

static void ask(int fd) {
    char answer[512];
    long length = 0;
    (void)raw3(SYS_write, fd, question, sizeof question - 1);
    do {
        long got = raw3(SYS_read, fd, answer + length, sizeof answer - 1 - (size_t)length);
        length += got > 0 ? got : 0;
        answer[length] = '\0';
        if (got <= 0) {
            break;
        }
    } while (!strstr(answer, "\r\n\r\nok"));
    (void)puts(strstr(answer, "\r\nConnection: close\r\n")        ? "close"
               : strstr(answer, "\r\nConnection: keep-alive\r\n") ? "keep-alive"
                                                                  : "neither");
}

int main(int count, char** arguments) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    pthread_attr_t small;
    pthread_t thread;
    (void)alarm(30);
    exchanges = count > 1 ? atoi(arguments[1]) : 1;
    first_way = count > 2 ? atoi(arguments[2]) : 0;
    bool in_handler = count > 3;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr*)&address, sizeof address) != 0 ||
        listen(listener, 4) != 0 ||
        getsockname(listener, (struct sockaddr*)&address, &length) != 0) {
        return 3;
    }
    (void)pthread_attr_init(&small);
    if (pthread_attr_setstacksize(&small, PTHREAD_STACK_MIN) != 0 ||
        pthread_create(&thread, in_handler ? NULL : &small,
                       in_handler ? serve_on_alternate_stack : serve_in_thread,
                       (void*)(long)first_way) != 0) {
        return 4;
    }
    int client = (int)raw3(SYS_socket, AF_INET, SOCK_STREAM, 0);
    if (raw3(SYS_connect, client, &address, sizeof address) != 0) {
        return 5;
    }
    for (int i = 0; i < exchanges; ++i) {
        ask(client);
    }
    (void)raw3(SYS_close, client, 0, 0);
    return pthread_join(thread, NULL);
}
