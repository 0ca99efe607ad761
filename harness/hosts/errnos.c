/* Every interposed call in every situation that has an error number of its own: one line each with
 * the result and errno. Knows the situations. Refuses to know the right answers: the bare run has
 * them. errno is a value no call sets before each, so that a success that touches it shows. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "raw.h"

enum { UNTOUCHED = 4242, CLOSED = 777, SIZE = 64 };

static const char question[] = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";
static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
static char good[SIZE];

static void die(const char* why) {
    perror(why);
    exit(3);
}

/* ---- a connection of our own, both ends ------------------------------------------------------ */

struct pair {
    int ours;   /* accepted, so followed when a library is there; nonblocking */
    int theirs; /* made by raw calls: nobody's business */
};

static int listener_at(struct sockaddr_in* address) {
    socklen_t length = sizeof *address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    *address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0 || bind(fd, (struct sockaddr*)address, sizeof *address) != 0 ||
        listen(fd, 16) != 0 || getsockname(fd, (struct sockaddr*)address, &length) != 0) {
        die("listener");
    }
    return fd;
}

static struct pair connected(void) {
    struct sockaddr_in address;
    int listener = listener_at(&address);
    int theirs = (int)raw3(SYS_socket, AF_INET, SOCK_STREAM, 0);
    if (raw3(SYS_connect, theirs, &address, sizeof address) != 0) {
        die("connect");
    }
    int ours = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (ours < 0) {
        die("accept4");
    }
    (void)close(listener);
    return (struct pair){ours, theirs};
}

static void part(struct pair pair) {
    (void)close(pair.ours);
    (void)raw3(SYS_close, pair.theirs, 0, 0);
}

static void ask(struct pair pair) {
    struct pollfd one = {.fd = pair.ours, .events = POLLIN};
    (void)raw3(SYS_write, pair.theirs, question, sizeof question - 1);
    (void)poll(&one, 1, 10000);
}

/* Until nothing more is taken: the next write has no room. */
static void fill(struct pair pair) {
    static char much[1 << 16];
    struct pollfd one = {.fd = pair.ours, .events = POLLOUT};
    for (int i = 0; i < 10000 && poll(&one, 1, 20) == 1; ++i) {
        (void)raw6(SYS_sendto, pair.ours, (long)much, sizeof much, MSG_DONTWAIT, 0, 0);
    }
}

/* ---- calls with a descriptor and a buffer -----------------------------------------------------
 */

typedef long (*call)(int fd, void* buffer, size_t size);

#define CALL(name, expression)                            \
    static long name(int fd, void* buffer, size_t size) { \
        (void)fd;                                         \
        (void)buffer;                                     \
        (void)size;                                       \
        return (long)(expression);                        \
    }

static struct iovec* one_part(void* buffer, size_t size) {
    static struct iovec part;
    part = (struct iovec){buffer, size};
    return &part;
}

static struct msghdr* one_message(void* buffer, size_t size) {
    static struct msghdr message;
    message = (struct msghdr){.msg_iov = one_part(buffer, size), .msg_iovlen = 1};
    return &message;
}

static struct mmsghdr* one_of_several(void* buffer, size_t size) {
    static struct mmsghdr several;
    several = (struct mmsghdr){.msg_hdr = *one_message(buffer, size)};
    return &several;
}

static int body_file(void) {
    static int file = -1;
    if (file < 0) {
        file = memfd_create("body", MFD_CLOEXEC);
        if (write(file, good, SIZE) != SIZE) {
            die("body");
        }
    }
    return file;
}

static off_t* from_start(void) {
    static off_t offset;
    offset = 0;
    return &offset;
}

static int full_pipe(void) {
    static int ends[2] = {-1, -1};
    if (ends[0] < 0 && pipe2(ends, O_NONBLOCK) != 0) {
        die("pipe");
    }
    if (write(ends[1], good, SIZE) < 0 && errno != EAGAIN) {
        die("pipe");
    }
    errno = UNTOUCHED;
    return ends[0];
}

extern ssize_t __read_chk(int, void*, size_t, size_t);
extern ssize_t __recv_chk(int, void*, size_t, size_t, int);
extern ssize_t __recvfrom_chk(int, void*, size_t, size_t, int, struct sockaddr*, socklen_t*);
extern int __close(int);
extern int __dup2(int, int);
extern int __fcntl(int, int, ...);

CALL(call_read, read(fd, buffer, size))
CALL(call_readv, readv(fd, one_part(buffer, size), 1))
CALL(call_recv, recv(fd, buffer, size, 0))
CALL(call_recv_peek, recv(fd, buffer, size, MSG_PEEK))
CALL(call_recv_oob, recv(fd, buffer, size, MSG_OOB))
CALL(call_recv_error_queue, recv(fd, buffer, size, MSG_ERRQUEUE))
CALL(call_recvfrom, recvfrom(fd, buffer, size, 0, NULL, NULL))
CALL(call_recvmsg, recvmsg(fd, one_message(buffer, size), 0))
CALL(call_recvmmsg, recvmmsg(fd, one_of_several(buffer, size), 1, 0, NULL))
CALL(call_read_chk, __read_chk(fd, buffer, size, size))
CALL(call_recv_chk, __recv_chk(fd, buffer, size, size, 0))
CALL(call_recvfrom_chk, __recvfrom_chk(fd, buffer, size, size, 0, NULL, NULL))
CALL(call_syscall_read, syscall(SYS_read, fd, buffer, size))
CALL(call_syscall_recvfrom, syscall(SYS_recvfrom, fd, buffer, size, 0, NULL, NULL))
CALL(call_syscall_readv, syscall(SYS_readv, fd, one_part(buffer, size), 1))
CALL(call_syscall_recvmsg, syscall(SYS_recvmsg, fd, one_message(buffer, size), 0))
CALL(call_syscall_recvmmsg, syscall(SYS_recvmmsg, fd, one_of_several(buffer, size), 1, 0, NULL))
CALL(call_write, write(fd, buffer, size))
CALL(call_writev, writev(fd, one_part(buffer, size), 1))
CALL(call_writev_of_list, writev(fd, buffer, 2))
CALL(call_sendmsg_of_header, sendmsg(fd, buffer, MSG_NOSIGNAL))
CALL(call_sendmmsg_of_headers, sendmmsg(fd, buffer, 2, MSG_NOSIGNAL))
CALL(call_send, send(fd, buffer, size, MSG_NOSIGNAL))
CALL(call_sendto, sendto(fd, buffer, size, MSG_NOSIGNAL, NULL, 0))
CALL(call_sendmsg, sendmsg(fd, one_message(buffer, size), MSG_NOSIGNAL))
CALL(call_sendmmsg, sendmmsg(fd, one_of_several(buffer, size), 1, MSG_NOSIGNAL))
CALL(call_sendfile, sendfile(fd, body_file(), from_start(), size))
CALL(call_sendfile64, sendfile64(fd, body_file(), from_start(), size))
CALL(call_splice, splice(full_pipe(), NULL, fd, NULL, size, SPLICE_F_NONBLOCK))
CALL(call_syscall_write, syscall(SYS_write, fd, buffer, size))
CALL(call_syscall_sendto, syscall(SYS_sendto, fd, buffer, size, MSG_NOSIGNAL, NULL, 0))
CALL(call_shutdown, shutdown(fd, SHUT_WR))
CALL(call_shutdown_wrongly, shutdown(fd, 7))
CALL(call_accept, accept(fd, NULL, NULL))
CALL(call_accept4, accept4(fd, NULL, NULL, 0))
CALL(call_accept4_wrongly, accept4(fd, NULL, NULL, 0x40000001))
CALL(call_accept_into, accept(fd, buffer, (socklen_t*)buffer))
CALL(call_syscall_accept4, syscall(SYS_accept4, fd, NULL, NULL, 0))
CALL(call_listen, listen(fd, 1))
CALL(call_syscall_listen, syscall(SYS_listen, fd, 1))
CALL(call_syscall_shutdown, syscall(SYS_shutdown, fd, SHUT_WR))
CALL(call_syscall_shutdown_wrongly, syscall(SYS_shutdown, fd, 7))
CALL(call_syscall_socket, syscall(SYS_socket, AF_INET, SOCK_STREAM, 9999))
CALL(call_syscall_socketpair, syscall(SYS_socketpair, AF_INET, SOCK_STREAM, 0, buffer))
CALL(call_connect, connect(fd, buffer, (socklen_t)size))
CALL(call_dup, dup(fd) < 0)
CALL(call_dup2_same, dup2(fd, fd))
CALL(call_dup2_bad, dup2(fd, -1))
CALL(call_underscored_dup2, __dup2(fd, -1))
CALL(call_dup3_same, dup3(fd, fd, 0))
CALL(call_dup3_flags, dup3(fd, 300, 0x10))
CALL(call_fcntl_flags, fcntl(fd, F_GETFD))
CALL(call_fcntl_duplicate, fcntl(fd, F_DUPFD, 300) >= 300)
CALL(call_fcntl_too_high, fcntl(fd, F_DUPFD_CLOEXEC, 1 << 30))
CALL(call_fcntl64, fcntl64(fd, F_GETFL) & O_ACCMODE)
CALL(call_fcntl64_unknown, fcntl64(fd, 9999, 1L))
CALL(call_underscored_fcntl, __fcntl(fd, F_GETFD))
CALL(call_fdopen_wrongly, fdopen(fd, "?") != NULL)
CALL(call_syscall_fcntl, syscall(SYS_fcntl, fd, F_GETFD))
CALL(call_close, close(fd))
CALL(call_underscored_close, __close(fd))
CALL(call_syscall_close, syscall(SYS_close, fd))
CALL(call_close_range, close_range((unsigned)fd, (unsigned)fd, 0))
CALL(call_close_range_backwards, close_range(400, 300, 0))
CALL(call_close_range_flags, close_range(900, 901, 0x100))

struct named {
    const char* name;
    call call;
};

#define NAMED(function) \
    { #function, function }
static const struct named receives[] = {NAMED(call_read),
                                        NAMED(call_readv),
                                        NAMED(call_recv),
                                        NAMED(call_recv_peek),
                                        NAMED(call_recv_oob),
                                        NAMED(call_recv_error_queue),
                                        NAMED(call_recvfrom),
                                        NAMED(call_recvmsg),
                                        NAMED(call_recvmmsg),
                                        NAMED(call_read_chk),
                                        NAMED(call_recv_chk),
                                        NAMED(call_recvfrom_chk),
                                        NAMED(call_syscall_read),
                                        NAMED(call_syscall_recvfrom),
                                        NAMED(call_syscall_readv),
                                        NAMED(call_syscall_recvmsg),
                                        NAMED(call_syscall_recvmmsg)};
static const struct named sends[] = {NAMED(call_writev_of_list),
                                     NAMED(call_sendmsg_of_header),
                                     NAMED(call_sendmmsg_of_headers),
                                     NAMED(call_write),
                                     NAMED(call_writev),
                                     NAMED(call_send),
                                     NAMED(call_sendto),
                                     NAMED(call_sendmsg),
                                     NAMED(call_sendmmsg),
                                     NAMED(call_sendfile),
                                     NAMED(call_sendfile64),
                                     NAMED(call_splice),
                                     NAMED(call_syscall_write),
                                     NAMED(call_syscall_sendto)};
static const struct named others[] = {NAMED(call_shutdown),
                                      NAMED(call_shutdown_wrongly),
                                      NAMED(call_accept),
                                      NAMED(call_accept4),
                                      NAMED(call_accept4_wrongly),
                                      NAMED(call_accept_into),
                                      NAMED(call_syscall_accept4),
                                      NAMED(call_listen),
                                      NAMED(call_syscall_listen),
                                      NAMED(call_syscall_shutdown),
                                      NAMED(call_syscall_shutdown_wrongly),
                                      NAMED(call_syscall_socket),
                                      NAMED(call_syscall_socketpair),
                                      NAMED(call_connect),
                                      NAMED(call_dup),
                                      NAMED(call_dup2_same),
                                      NAMED(call_dup2_bad),
                                      NAMED(call_underscored_dup2),
                                      NAMED(call_dup3_same),
                                      NAMED(call_dup3_flags),
                                      NAMED(call_fcntl_flags),
                                      NAMED(call_fcntl_duplicate),
                                      NAMED(call_fcntl_too_high),
                                      NAMED(call_fcntl64),
                                      NAMED(call_fcntl64_unknown),
                                      NAMED(call_underscored_fcntl),
                                      NAMED(call_fdopen_wrongly),
                                      NAMED(call_syscall_fcntl),
                                      NAMED(call_close_range_backwards),
                                      NAMED(call_close_range_flags)};
static const struct named closes[] = {NAMED(call_close), NAMED(call_underscored_close),
                                      NAMED(call_syscall_close), NAMED(call_close_range)};

/* ---- situations ------------------------------------------------------------------------------ */

static void say(const char* situation, struct named named, int fd, void* buffer, size_t size) {
    errno = UNTOUCHED;
    long result = named.call(fd, buffer, size);
    int left = errno;
    printf("%s %s %ld errno %d\n", situation, named.name + 5, result, left);
}

static void on_connection(const char* situation, struct named named, void (*before)(struct pair),
                          void* buffer, size_t size) {
    struct pair pair = connected();
    if (before) {
        before(pair);
    }
    say(situation, named, pair.ours, buffer, size);
    part(pair);
}

static void peer_left(struct pair pair) {
    struct pollfd one = {.fd = pair.ours, .events = POLLIN};
    (void)raw3(SYS_shutdown, pair.theirs, SHUT_WR, 0);
    (void)poll(&one, 1, 10000);
}

/* A request is outstanding: its bytes were read, no response was sent. */
static void asked_and_read(struct pair pair) {
    char taken[256];
    ask(pair);
    if (read(pair.ours, taken, sizeof taken) <= 0) {
        die("read the question");
    }
}

static void answered(struct pair pair) {
    asked_and_read(pair);
    if (write(pair.ours, reply, sizeof reply - 1) != (ssize_t)(sizeof reply - 1)) {
        die("answer");
    }
}

static void reset_by_peer(struct pair pair) {
    struct linger none = {1, 0};
    struct pollfd one = {.fd = pair.ours, .events = POLLIN};
    (void)setsockopt(pair.theirs, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    (void)raw3(SYS_dup3, body_file(), pair.theirs, 0);
    (void)poll(&one, 1, 10000);
}

static void everywhere(const char* kind, const struct named* calls, size_t count) {
    char situation[64];
    void* const nowhere = (void*)1;
    for (size_t i = 0; i < count; ++i) {
        say("closed number", calls[i], CLOSED, good, SIZE);
        say("negative number", calls[i], -1, good, SIZE);
        say("file", calls[i], body_file(), good, SIZE);
        on_connection("idle connection", calls[i], NULL, good, SIZE);
        on_connection("question waits", calls[i], ask, good, SIZE);
        on_connection("question taken", calls[i], asked_and_read, good, SIZE);
        on_connection("peer left", calls[i], peer_left, good, SIZE);
        on_connection("reset by peer", calls[i], reset_by_peer, good, SIZE);
        on_connection("bad address", calls[i], ask, nowhere, SIZE);
        on_connection("bad address, idle", calls[i], NULL, nowhere, SIZE);
        on_connection("bad address, question taken", calls[i], asked_and_read, nowhere, SIZE);
        on_connection("null, question taken", calls[i], asked_and_read, NULL, SIZE);
        on_connection("bad address, question answered", calls[i], answered, nowhere, SIZE);
        on_connection("no bytes", calls[i], ask, good, 0);
        (void)snprintf(situation, sizeof situation, "full %s", kind);
        on_connection(situation, calls[i], fill, good, SIZE);
    }
}

static void on_listener(struct named named) {
    struct sockaddr_in address;
    int listener = listener_at(&address);
    (void)fcntl(listener, F_SETFL, O_NONBLOCK);
    say("idle listener", named, listener, good, SIZE);
    (void)close(listener);
}

/* A socket that is nobody's connection; closed twice the second one fails. */
static void closing(struct named named) {
    struct pair pair = connected();
    say("connection", named, pair.ours, NULL, 0);
    say("closed connection", named, pair.ours, NULL, 0);
    say("closed number", named, CLOSED, NULL, 0);
    say("negative number", named, -1, NULL, 0);
    (void)raw3(SYS_close, pair.theirs, 0, 0);
}

static void without_descriptor(void) {
    int two[2];
    struct sockaddr_in address;
    int gone = listener_at(&address);
    (void)close(gone);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    errno = UNTOUCHED;
    int refused = connect(client, (struct sockaddr*)&address, sizeof address);
    printf("connect refused %d errno %d\n", refused, errno);
    (void)close(client);
    errno = UNTOUCHED;
    int unknown = socket(9999, 0, 0);
    printf("socket of no family %d errno %d\n", unknown, errno);
    errno = UNTOUCHED;
    int unpaired = socketpair(AF_INET, SOCK_STREAM, 0, two);
    printf("socketpair of TCP %d errno %d\n", unpaired, errno);
    errno = UNTOUCHED;
    long nothing = syscall(9999L, 1L, 2L, 3L, 4L, 5L, 6L);
    printf("unknown system call %ld errno %d\n", nothing, errno);
    errno = UNTOUCHED;
    long mapped =
        syscall(SYS_mmap, 0L, 4096L, (long)PROT_READ, (long)(MAP_PRIVATE | MAP_ANONYMOUS), -1L, 0L);
    printf("six arguments %d errno %d\n", mapped > 0, errno);
    errno = UNTOUCHED;
    bool none = freopen("/nowhere/at/all", "r", fopen("/dev/null", "re")) == NULL;
    printf("freopen of nothing %d errno %d\n", none, errno);
    errno = UNTOUCHED;
    none = fdopen(CLOSED, "r") == NULL;
    printf("fdopen of nothing %d errno %d\n", none, errno);
    FILE* stream = fdopen(dup(body_file()), "r");
    errno = UNTOUCHED;
    int closed = fclose(stream);
    printf("fclose %d errno %d\n", closed, errno);
}

#define COUNT(table) (sizeof(table) / sizeof *(table))

int main(void) {
    int at_start = errno;
    printf("errno at the start of main %d\n", at_start);
    (void)alarm(60);
    (void)signal(SIGPIPE, SIG_IGN);
    everywhere("receive", receives, COUNT(receives));
    everywhere("send", sends, COUNT(sends));
    everywhere("other", others, COUNT(others));
    for (size_t i = 0; i < COUNT(others); ++i) {
        on_listener(others[i]);
    }
    for (size_t i = 0; i < COUNT(closes); ++i) {
        closing(closes[i]);
    }
    without_descriptor();
    (void)fflush(stdout);
    errno = UNTOUCHED;
    int all = fcloseall();
    return all == 0 && errno == UNTOUCHED ? 0 : 1;
}
