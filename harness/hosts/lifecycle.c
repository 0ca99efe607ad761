/* The ways a descriptor number comes to be a connection, comes to be another one's twin, and ends.
 * Knows the calls. Refuses to know what the connection is for. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host.h"
#include "raw.h"

enum { STREAMS = 1024 };

static FILE* streams[STREAMS];

FILE* stream_of(int fd) {
    if (fd >= STREAMS) {
        give_up("a stream for so high a number");
    }
    if (!streams[fd]) {
        streams[fd] = fdopen(fd, "r+");
        if (!streams[fd]) {
            give_up("fdopen");
        }
    }
    return streams[fd];
}

/* ---- accept -------------------------------------------------------------------------------- */

static int by_accept(int listener) { return accept(listener, NULL, NULL); }

static int by_accept4(int listener) {
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    return accept4(listener, (struct sockaddr*)&peer, &length, SOCK_CLOEXEC);
}

static int by_syscall_accept4(int listener) {
    return (int)syscall(SYS_accept4, listener, NULL, NULL, SOCK_CLOEXEC);
}

#ifdef SYS_accept
static int by_syscall_accept(int listener) {
    return (int)syscall(SYS_accept, listener, NULL, NULL);
}
#endif

static int by_raw_accept(int listener) {
    long fd = raw3(SYS_accept4, listener, 0, 0);
    if (fd < 0) {
        errno = (int)-fd;
        return -1;
    }
    return (int)fd;
}

static const struct {
    const char* name;
    accept_way way;
} accepts[] = {
    {"accept", by_accept},
    {"accept4", by_accept4},
    {"syscall", by_syscall_accept4},
#ifdef SYS_accept
    {"syscall-accept", by_syscall_accept},
#endif
    {"raw", by_raw_accept},
};

accept_way accept_named(const char* name) {
    for (size_t i = 0; i < sizeof accepts / sizeof *accepts; ++i) {
        if (strcmp(accepts[i].name, name) == 0) {
            return accepts[i].way;
        }
    }
    give_up("no such way to accept");
}

/* ---- close --------------------------------------------------------------------------------- */

static int by_close(int fd) { return close(fd); }

static int by_syscall_close(int fd) { return (int)syscall(SYS_close, fd); }

static int by_raw_close(int fd) { return (int)raw3(SYS_close, fd, 0, 0); }

static int by_fclose(int fd) {
    FILE* stream = stream_of(fd);
    streams[fd] = NULL;
    return fclose(stream);
}

/* Another file takes the number: the connection is closed without a close. */
static int over_it(int fd, int (*put)(int from, int onto)) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int landed = put(null, fd);
    (void)close(null);
    if (landed != fd) {
        return -1;
    }
    return close(fd);
}

static int put_dup2(int from, int onto) { return dup2(from, onto); }

static int put_dup3(int from, int onto) { return dup3(from, onto, O_CLOEXEC); }

static int put_syscall_dup3(int from, int onto) { return (int)syscall(SYS_dup3, from, onto, 0); }

#ifdef SYS_dup2
static int put_syscall_dup2(int from, int onto) { return (int)syscall(SYS_dup2, from, onto); }
#else
static int put_syscall_dup2(int from, int onto) { return put_syscall_dup3(from, onto); }
#endif

static int by_dup2(int fd) { return over_it(fd, put_dup2); }

static int by_dup3(int fd) { return over_it(fd, put_dup3); }

static int by_syscall_dup3(int fd) { return over_it(fd, put_syscall_dup3); }

static int by_syscall_dup2(int fd) { return over_it(fd, put_syscall_dup2); }

static int by_syscall_close_range(int fd) { return (int)syscall(SYS_close_range, fd, fd, 0); }

static int by_freopen(int fd) {
    FILE* stream = freopen("/dev/null", "r+", stream_of(fd));
    streams[fd] = NULL;
    return stream ? fclose(stream) : -1;
}

#ifdef __GLIBC__
extern int __close(int);
extern int __dup2(int, int);

static int by_underscored_close(int fd) { return __close(fd); }

static int put_underscored_dup2(int from, int onto) { return __dup2(from, onto); }

static int by_underscored_dup2(int fd) { return over_it(fd, put_underscored_dup2); }

static int by_close_range(int fd) { return close_range((unsigned)fd, (unsigned)fd, 0); }

/* Everything from this number on: in the sequential host the connection is the highest one. */
static int by_closefrom(int fd) {
    closefrom(fd);
    return 0;
}

static int by_freopen64(int fd) {
    FILE* stream = freopen64("/dev/null", "r+", stream_of(fd));
    streams[fd] = NULL;
    return stream ? fclose(stream) : -1;
}
#else
extern int posix_close(int, int);

static int by_posix_close(int fd) { return posix_close(fd, 0); }
#endif

static const struct {
    const char* name;
    close_way way;
} closes[] = {
    {"close", by_close},
    {"syscall", by_syscall_close},
    {"syscall-close_range", by_syscall_close_range},
    {"raw", by_raw_close},
    {"fclose", by_fclose},
    {"freopen", by_freopen},
    {"dup2", by_dup2},
    {"dup3", by_dup3},
    {"syscall-dup3", by_syscall_dup3},
    {"syscall-dup2", by_syscall_dup2},
#ifdef __GLIBC__
    {"__close", by_underscored_close},
    {"__dup2", by_underscored_dup2},
    {"close_range", by_close_range},
    {"closefrom", by_closefrom},
    {"freopen64", by_freopen64},
#else
    {"posix_close", by_posix_close},
#endif
};

close_way close_named(const char* name) {
    for (size_t i = 0; i < sizeof closes / sizeof *closes; ++i) {
        if (strcmp(closes[i].name, name) == 0) {
            return closes[i].way;
        }
    }
    give_up("no such way to close");
}

/* ---- duplicate ----------------------------------------------------------------------------- */

enum { ELSEWHERE = 200 };

static int by_dup(int fd) { return dup(fd); }

static int onto_dup2(int fd) { return dup2(fd, ELSEWHERE); }

static int onto_dup3(int fd) { return dup3(fd, ELSEWHERE, O_CLOEXEC); }

static int by_fcntl(int fd) { return fcntl(fd, F_DUPFD, 0); }

static int by_fcntl_cloexec(int fd) { return fcntl(fd, F_DUPFD_CLOEXEC, ELSEWHERE); }

static int by_syscall_dup(int fd) { return (int)syscall(SYS_dup, fd); }

static int by_syscall_fcntl(int fd) { return (int)syscall(SYS_fcntl, fd, F_DUPFD, 0); }

#ifdef __GLIBC__
extern int __fcntl(int, int, ...);

static int by_fcntl64(int fd) { return fcntl64(fd, F_DUPFD_CLOEXEC, ELSEWHERE); }

static int by_underscored_fcntl(int fd) { return __fcntl(fd, F_DUPFD, ELSEWHERE); }

static int onto_underscored_dup2(int fd) { return __dup2(fd, ELSEWHERE); }
#endif

static const struct {
    const char* name;
    duplicate_way way;
} duplicates[] = {
    {"dup", by_dup},
    {"dup2", onto_dup2},
    {"dup3", onto_dup3},
    {"fcntl", by_fcntl},
    {"fcntl-cloexec", by_fcntl_cloexec},
    {"syscall-dup", by_syscall_dup},
    {"syscall-fcntl", by_syscall_fcntl},
#ifdef __GLIBC__
    {"fcntl64", by_fcntl64},
    {"__fcntl", by_underscored_fcntl},
    {"__dup2", onto_underscored_dup2},
#endif
};

duplicate_way duplicate_named(const char* name) {
    for (size_t i = 0; i < sizeof duplicates / sizeof *duplicates; ++i) {
        if (strcmp(duplicates[i].name, name) == 0) {
            return duplicates[i].way;
        }
    }
    give_up("no such way to duplicate");
}
