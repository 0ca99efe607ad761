/* /reuse/LOSE/GAIN[/first]: the number of a live connection comes to mean something else, and the
 * host goes on to read a request and write a response there, as a proxy does on an upstream
 * connection; with /first it speaks unasked, so that as many bytes passed on the new thing as on
 * the lost connection: none. Knows both ends of the new thing and writes what arrived into the
 * trace. Refuses to answer the request that asked for it: its connection is gone. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host.h"
#include "raw.h"

struct twins {
    int ours;   /* takes the connection's number */
    int theirs; /* the far end, or the same file */
};

static const char question[] = "GET /upstream HTTP/1.1\r\nHost: upstream\r\n\r\n";
static const char reply[] =
    "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: "
    "8\r\n\r\nupstream";

/* ---- what the number becomes ----------------------------------------------------------------- */

static struct twins gain_socketpair(void) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
        give_up("socketpair");
    }
    return (struct twins){ends[0], ends[1]};
}

/* A pipe's lower number is its reading end, so this one fits only the ways that put it over the
 * number. */
static struct twins gain_pipe(void) {
    int ends[2];
    if (pipe(ends) != 0) {
        give_up("pipe");
    }
    return (struct twins){ends[1], ends[0]};
}

static struct twins gain_file(void) {
    int file = memfd_create("reuse", MFD_CLOEXEC);
    return (struct twins){file, file};
}

/* Above 100, so that the lowest free number stays the one that was lost. */
static int upstream_listener(struct sockaddr_in* address) {
    socklen_t length = sizeof *address;
    int low = (int)raw3(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int listener = (int)raw3(SYS_fcntl, low, F_DUPFD, 100);
    (void)raw3(SYS_close, low, 0, 0);
    *address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr*)address, sizeof *address) != 0 ||
        raw3(SYS_listen, listener, 4, 0) != 0 ||
        getsockname(listener, (struct sockaddr*)address, &length) != 0) {
        give_up("a listener for the upstream connection");
    }
    return listener;
}

enum maker { LIBC, RAW };

static int make_socket(enum maker maker) {
    return maker == LIBC ? socket(AF_INET, SOCK_STREAM, 0)
                         : (int)raw3(SYS_socket, AF_INET, SOCK_STREAM, 0);
}

static int moved_up(int fd) {
    int moved = (int)raw3(SYS_fcntl, fd, F_DUPFD, 100);
    (void)raw3(SYS_close, fd, 0, 0);
    return moved;
}

static struct twins tcp(enum maker maker, bool ours_is_client) {
    struct sockaddr_in address;
    int listener = upstream_listener(&address);
    int client = make_socket(maker);
    client = ours_is_client ? client : moved_up(client);
    int connected = maker == LIBC ? connect(client, (struct sockaddr*)&address, sizeof address)
                                  : (int)raw3(SYS_connect, client, &address, sizeof address);
    int server = (int)raw3(SYS_accept4, listener, 0, 0);
    if (connected != 0 || server < 0) {
        give_up("an upstream connection");
    }
    (void)raw3(SYS_close, listener, 0, 0);
    return ours_is_client ? (struct twins){client, server} : (struct twins){server, client};
}

static struct twins gain_client(void) { return tcp(LIBC, true); }

static struct twins gain_raw_client(void) { return tcp(RAW, true); }

static struct twins gain_raw_accepted(void) { return tcp(RAW, false); }

static const struct {
    const char* name;
    struct twins (*gain)(void);
} gains[] = {
    {"socketpair", gain_socketpair},
    {"pipe", gain_pipe},
    {"file", gain_file},
    {"client", gain_client},
    {"raw-client", gain_raw_client},
    {"raw-accepted", gain_raw_accepted},
};

static struct twins gain_named(const char* name) {
    for (size_t i = 0; i < sizeof gains / sizeof *gains; ++i) {
        if (strcmp(gains[i].name, name) == 0) {
            return gains[i].gain();
        }
    }
    give_up("no such thing to gain");
}

/* ---- how the number is lost ------------------------------------------------------------------ */

static struct twins put_over(int fd, const char* how, struct twins twins) {
    int landed = -1;
    if (strcmp(how, "over-dup2") == 0) {
        landed = dup2(twins.ours, fd);
    } else if (strcmp(how, "over-dup3") == 0) {
        landed = dup3(twins.ours, fd, O_CLOEXEC);
    } else if (strcmp(how, "over-syscall") == 0) {
        landed = (int)syscall(SYS_dup3, twins.ours, fd, 0);
    } else if (strcmp(how, "over-raw") == 0) {
        landed = (int)raw3(SYS_dup3, twins.ours, fd, 0);
    }
    if (landed != fd) {
        give_up("put another file over a connection");
    }
    if (twins.ours != twins.theirs) {
        (void)close(twins.ours);
    }
    return (struct twins){fd, twins.theirs};
}

static struct twins lose_and_gain(int fd, const char* lose, const char* gain) {
    if (strncmp(lose, "over-", 5) == 0) {
        return put_over(fd, lose, gain_named(gain));
    }
    if (close_named(lose)(fd) != 0) {
        give_up("lose the number");
    }
    struct twins twins = gain_named(gain);
    if (twins.ours != fd) {
        give_up("another number came");
    }
    return twins;
}

/* ---- the exchange on the new thing ----------------------------------------------------------- */

static void exchange(struct twins twins, bool has_far_end) {
    char buffer[1024];
    if (has_far_end) {
        (void)raw3(SYS_write, twins.theirs, question, sizeof question - 1);
        if (wait_for(twins.ours, POLLIN)) {
            ssize_t got = read(twins.ours, buffer, sizeof buffer);
            trace_bytes("asked", buffer, got > 0 ? (size_t)got : 0);
        }
    }
    trace_result("replied", write(twins.ours, reply, sizeof reply - 1));
}

static void report(struct twins twins, const char* gain) {
    char buffer[1024];
    long got;
    if (strcmp(gain, "file") == 0) {
        got = raw6(SYS_pread64, twins.theirs, (long)buffer, sizeof buffer, 0, 0, 0);
    } else {
        (void)wait_for(twins.theirs, POLLIN);
        got = raw3(SYS_read, twins.theirs, buffer, sizeof buffer);
    }
    trace_bytes("arrived", buffer, got > 0 ? (size_t)got : 0);
}

bool act_reuse(struct connection* connection, const char* argument) {
    char lose[32];
    const char* slash = strchr(argument, '/');
    if (!slash || (size_t)(slash - argument) >= sizeof lose) {
        give_up("lose what, gain what?");
    }
    memcpy(lose, argument, (size_t)(slash - argument));
    lose[slash - argument] = '\0';
    char gain[32];
    const char* end = strchrnul(slash + 1, '/');
    (void)snprintf(gain, sizeof gain, "%.*s", (int)(end - slash - 1), slash + 1);
    struct twins twins = lose_and_gain(connection->in, lose, gain);
    bool has_far_end = *end == '\0' && strcmp(gain, "file") != 0 && strcmp(gain, "pipe") != 0;
    exchange(twins, has_far_end);
    exchange(twins, has_far_end);
    report(twins, gain);
    trace_result("close", close(twins.ours));
    if (twins.theirs != twins.ours) {
        trace_result("close", close(twins.theirs));
    }
    connection->in = connection->out = -1;
    return false;
}
