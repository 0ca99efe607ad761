/* The calls that begin and end connections, and those by which the preload in front asks about
 * them: failed as the schedule says, else made of the kernel. Knows which of them a caller must
 * take for done even if they fail. Refuses to know who calls. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "faults.h"
#include "raw.h"

#define CALLER __builtin_return_address(0)

/* `make` is the system call, if it is not to fail. */
#define CALL(site, fd, make)                     \
    int error = fault_of_call(site, fd, CALLER); \
    return error ? failed(error) : (int)answered(make)

static int begun(long fd) {
    connection_begins(fd);
    return (int)answered(fd);
}

int accept(int fd, struct sockaddr* address, socklen_t* length) {
    int error = fault_of_call(AT_accept, fd, CALLER);
    return error ? failed(error) : begun(raw3(SYS_accept, fd, address, length));
}

int accept4(int fd, struct sockaddr* address, socklen_t* length, int flags) {
    int error = fault_of_call(AT_accept4, fd, CALLER);
    return error ? failed(error)
                 : begun(raw6(SYS_accept4, fd, (long)address, (long)length, flags, 0, 0));
}

/* Linux closes the descriptor whatever it answers. */
int close(int fd) {
    int error = fault_of_call(AT_close, fd, CALLER);
    connection_is_over(fd);
    long answer = raw3(SYS_close, fd, 0, 0);
    return error ? failed(error) : (int)answered(answer);
}

int shutdown(int fd, int how) { CALL(AT_shutdown, fd, raw3(SYS_shutdown, fd, how, 0)); }

int getsockopt(int fd, int level, int name, void* value, socklen_t* length) {
    CALL(AT_getsockopt, fd, raw6(SYS_getsockopt, fd, level, name, (long)value, (long)length, 0));
}

int getsockname(int fd, struct sockaddr* address, socklen_t* length) {
    CALL(AT_getsockname, fd, raw3(SYS_getsockname, fd, address, length));
}

int ioctl(int fd, unsigned long request, ...) {
    va_list rest;
    va_start(rest, request);
    long argument = va_arg(rest, long);
    va_end(rest);
    CALL(AT_ioctl, fd, raw3(SYS_ioctl, fd, request, argument));
}

int poll(struct pollfd* fds, nfds_t count, int timeout) {
    CALL(AT_poll, -1, raw3(SYS_poll, fds, count, timeout));
}

/* The one question that it asks by this; anything else, and the same before a byte has moved, is
 * the server's own. */
#define FCNTL(name)                                                                 \
    int name(int fd, int command, ...) {                                            \
        va_list rest;                                                               \
        va_start(rest, command);                                                    \
        long argument = va_arg(rest, long);                                         \
        va_end(rest);                                                               \
        const bool question = command == F_GETFL && has_moved(fd);                  \
        CALL(AT_fcntl, question ? fd : -1, raw3(SYS_fcntl, fd, command, argument)); \
    }
FCNTL(fcntl)
FCNTL(fcntl64)

void* mmap(void* at, size_t size, int protection, int flags, int fd, off_t offset) {
    int error = fault_of_call(AT_mmap, -1, CALLER);
    if (error) {
        errno = error;
        return MAP_FAILED;
    }
    return (void*)answered(raw6(SYS_mmap, (long)at, (long)size, protection, flags, fd, offset));
}

int madvise(void* at, size_t size, int advice) {
    CALL(AT_madvise, -1, raw3(SYS_madvise, at, size, advice));
}

int epoll_ctl(int queue, int command, int fd, struct epoll_event* event) {
    remember_event(queue, fd, command == EPOLL_CTL_DEL ? NULL : event);
    return (int)answered(raw6(SYS_epoll_ctl, queue, command, fd, (long)event, 0, 0));
}
