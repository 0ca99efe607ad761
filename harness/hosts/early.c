/* A library whose constructor runs before a preloaded one's and already calls what that one
 * interposes. Knows what each call must return in any process. Refuses to go on with a wrong
 * result: status 97. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "raw.h"

static void must(int holds, const char* what) {
    if (!holds) {
        (void)raw3(SYS_write, 2, what, strlen(what));
        (void)raw3(SYS_exit_group, 97, 0, 0);
    }
}

static void pairs(void) {
    char buffer[16];
    int ends[2];
    struct iovec parts[] = {{"wr", 2}, {"itev", 4}};
    struct iovec into = {buffer, sizeof buffer};
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair\n");
    must(send(ends[0], "send", 4, 0) == 4, "send\n");
    must(recv(ends[1], buffer, sizeof buffer, 0) == 4, "recv\n");
    must(write(ends[0], "write", 5) == 5, "write\n");
    must(read(ends[1], buffer, sizeof buffer) == 5, "read\n");
    must(writev(ends[0], parts, 2) == 6, "writev\n");
    must(readv(ends[1], &into, 1) == 6 && memcmp(buffer, "writev", 6) == 0, "readv\n");
    errno = 0;
    must(recv(ends[1], buffer, sizeof buffer, MSG_DONTWAIT) == -1 && errno == EAGAIN, "EAGAIN\n");
    must(shutdown(ends[0], SHUT_WR) == 0, "shutdown\n");
    must(close(ends[0]) == 0 && close(ends[1]) == 0, "close\n");
    must(close(ends[0]) == -1 && errno == EBADF, "EBADF\n");
}

static void numbers(void) {
    int null = open("/dev/null", O_RDWR);
    int twin = dup(null);
    must(twin > null, "dup\n");
    must(dup2(null, 60) == 60 && dup2(60, 60) == 60, "dup2\n");
    must(dup2(-1, 60) == -1, "dup2 of nothing\n");
    must(dup3(null, 61, O_CLOEXEC) == 61, "dup3\n");
    must(fcntl(null, F_DUPFD, 62) == 62, "fcntl\n");
    must(fcntl(62, F_GETFD) == 0, "F_GETFD\n");
    must(syscall(SYS_close, 62) == 0, "syscall\n");
    must(close(twin) == 0 && close(60) == 0 && close(61) == 0 && close(null) == 0, "close\n");
#ifdef __GLIBC__
    must(close_range(200, 210, 0) == 0 || errno == ENOSYS, "close_range\n");
    must(fcntl(0, F_DUPFD, 205) == 205, "a high number\n");
    closefrom(200);
    must(fcntl(205, F_GETFD) == -1 && errno == EBADF, "closefrom\n");
#endif
}

static void streams(void) {
    FILE* stream = fopen("/dev/null", "we");
    must(stream != NULL && fprintf(stream, "early") == 5, "fprintf\n");
    must(fclose(stream) == 0, "fclose\n");
    stream = freopen("/dev/null", "r", fopen("/dev/null", "we"));
    must(stream != NULL && fgetc(stream) == EOF && fclose(stream) == 0, "freopen\n");
#ifdef __GLIBC__
    stream = freopen64("/dev/null", "r", fopen("/dev/null", "we"));
    must(stream != NULL && fgetc(stream) == EOF && fclose(stream) == 0, "freopen64\n");
#endif
    stream = fdopen(open("/dev/null", O_WRONLY), "w");
    must(stream != NULL && fclose(stream) == 0, "fdopen\n");
}

/* What a fortified build calls. */
static void checked_calls(int client, int server) {
#ifdef __GLIBC__
    extern ssize_t __recv_chk(int, void*, size_t, size_t, int);
    extern ssize_t __recvfrom_chk(int, void*, size_t, size_t, int, struct sockaddr*, socklen_t*);
    char buffer[8];
    must(send(client, "checked", 7, 0) == 7, "send\n");
    must(__recv_chk(server, buffer, 3, sizeof buffer, 0) == 3, "__recv_chk\n");
    must(__recvfrom_chk(server, buffer, 8, sizeof buffer, 0, NULL, NULL) == 4, "__recvfrom_chk\n");
#else
    (void)client;
    (void)server;
#endif
}

static void connections(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    char buffer[8];
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    must(
        bind(listener, (struct sockaddr*)&address, sizeof address) == 0 && listen(listener, 4) == 0,
        "listen\n");
    must(getsockname(listener, (struct sockaddr*)&address, &length) == 0, "getsockname\n");
    int client = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(client, (struct sockaddr*)&address, length) == 0, "connect\n");
    int server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    must(server >= 0, "accept4\n");
    must(sendto(client, "early", 5, 0, NULL, 0) == 5, "sendto\n");
    must(recvfrom(server, buffer, sizeof buffer, 0, NULL, NULL) == 5, "recvfrom\n");
    checked_calls(client, server);
    must(close(server) == 0 && close(client) == 0 && close(listener) == 0, "close\n");
}

__attribute__((constructor)) static void call_early(void) {
    int kept = errno;
    pairs();
    numbers();
    streams();
    connections();
    errno = kept;
}
