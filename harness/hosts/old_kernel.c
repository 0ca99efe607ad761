/* A kernel from before Linux 4.1, as far as a socket's options tell: no SO_COOKIE, and a TCP_INFO that
   ends before the byte counts. Preloaded behind the library. Knows no host. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

enum { cookie = 57, info_size = 104 };

int getsockopt(int fd, int level, int name, void *value, socklen_t *length) {
    int (*next)(int, int, int, void *, socklen_t *);
    *(void **)&next = dlsym(RTLD_NEXT, "getsockopt");
    if (level == SOL_SOCKET && name == cookie) {
        errno = ENOPROTOOPT;
        return -1;
    }
    if (level == IPPROTO_TCP && name == TCP_INFO && *length > info_size) *length = info_size;
    return next(fd, level, name, value, length);
}
