/* `forks NUMBER together|in-turn`: so many forked workers, each for one connection that it answers and
 * closes; together, they all live until the input ends, in turn, each is gone before the next is
 * forked. Tells its port first. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIFETIME_S = 100 };

static int serve(int listener) {
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    char request[4096];
    int fd = accept(listener, NULL, NULL);
    if (fd < 0 || read(fd, request, sizeof request) <= 0) {
        return 1;
    }
    if (write(fd, answer, sizeof answer - 1) != (ssize_t)sizeof answer - 1) {
        return 1;
    }
    return close(fd);
}

static void work(int listener, int stays) {
    char end;
    (void)alarm(LIFETIME_S);
    int status = serve(listener);
    while (stays && read(0, &end, 1) > 0) {
    }
    _exit(status);
}

/* The exit status of the next that ends. */
static int ended(void) {
    int status = 1;
    return wait(&status) > 0 ? status : 1;
}

int main(int count, char** arguments) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int status = 0;
    if (count != 3 || bind(listener, (struct sockaddr*)&address, length) != 0 ||
        listen(listener, 1024) != 0) {
        return 1;
    }
    (void)alarm(LIFETIME_S);
    (void)getsockname(listener, (struct sockaddr*)&address, &length);
    (void)printf("%d\n", ntohs(address.sin_port));
    (void)fflush(stdout);
    int number = atoi(arguments[1]);
    int together = strcmp(arguments[2], "together") == 0;
    for (int i = 0; i < number; ++i) {
        if (fork() == 0) {
            work(listener, together);
        }
        status |= together ? 0 : ended();
    }
    for (int i = 0; together && i < number; ++i) {
        status |= ended();
    }
    return status ? 2 : 0;
}
