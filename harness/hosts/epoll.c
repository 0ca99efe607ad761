/* The worst case for whoever stands between a server and libc: a server that does next to nothing.
   One thread, epoll, one read and one write a request, a fixed answer after the empty line.

   Without items it serves any number of connections until it is ended, on --port=N or a free one, in
   --threads=N that take turns in getting a connection; in HTTP/2 with --frames=. With items it works
   through them, the connections of one loop each, calls `mark` behind each, and leaves: what an
   instruction counter needs. Options come first; those of the harness's other hosts are ignored.
   Prints "port N" first. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "raw.h"

enum { ROOM = 1 << 16, BODY = 128, CHUNKS = 1000, MOST_PIPELINED = 16, BLOCKS = 16, EVENTS = 64 };
enum { MOST_DESCRIPTORS = 1 << 18, MOST_SIZES = 2000, MOST_THREADS = 64, BACKLOG = 4096 };
enum { FRAME_HEADER = 9, FRAME = FRAME_HEADER + 1024, MOST_FRAMES = 128 };

#define STATUS "HTTP/1.1 200 OK\r\n"
#define SERVER "Server: epoll loop\r\n"
#define TYPE "Content-Type: text/plain\r\n"
#define CHUNK "10\r\nsixteen bytes...\r\n"
#define SIXTEEN "sixteen bytes..\n"
#define FIXED                                                                              \
    STATUS SERVER TYPE "Content-Length: 128\r\n\r\n" SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN \
        SIXTEEN SIXTEEN SIXTEEN
#define HEAD_OF_MEBIBYTE STATUS SERVER TYPE "Content-Length: 1048576\r\n\r\n"
#define HEAD_OF_CHUNKS STATUS SERVER TYPE "Transfer-Encoding: chunked\r\n\r\n"

static const char fixed[] = FIXED;
static const size_t fixed_size = sizeof fixed - 1;
static char in[ROOM], block[ROOM];
static char joined[sizeof fixed * MOST_PIPELINED], chunked[100 + sizeof CHUNK * CHUNKS];
static size_t chunked_size;
static unsigned char matched[MOST_DESCRIPTORS]; /* bytes of the empty line seen, by descriptor */

__attribute__((noinline)) void mark(void) { __asm__ volatile("" ::: "memory"); }

static void give_up(const char *why) {
    perror(why);
    exit(1);
}

/* Without a buffer for what is incomplete: the answer depends on nothing in the request. */
static size_t empty_lines(unsigned char *seen, const char *bytes, size_t size) {
    size_t found = 0;
    unsigned at = *seen;
    for (size_t i = 0; i < size; ++i) {
        if (bytes[i] > '\r') {
            at = 0;
            continue;
        }
        at = bytes[i] == '\n' ? (at & 1 ? at + 1 : 0) : bytes[i] == '\r' ? (at == 2 ? 3 : 1) : 0;
        if (at == 4) {
            ++found;
            at = 0;
        }
    }
    *seen = (unsigned char)at;
    return found;
}

/* ---- The ways to answer ----------------------------------------------------------------------- */

static void put(int fd, const char *bytes, size_t size) {
    if (write(fd, bytes, size) < 0) { /* whoever left is found by the next read */
    }
}

static void plain(int fd, size_t requests) {
    for (; requests; --requests) put(fd, fixed, fixed_size);
}

static void in_one_write(int fd, size_t requests) { put(fd, joined, requests * fixed_size); }

static void by_chunk(int fd, size_t requests) {
    for (; requests; --requests) {
        put(fd, HEAD_OF_CHUNKS, sizeof HEAD_OF_CHUNKS - 1);
        for (int i = 0; i < CHUNKS; ++i) put(fd, CHUNK, sizeof CHUNK - 1);
        put(fd, "0\r\n\r\n", 5);
    }
}

static void chunks_in_one_write(int fd, size_t requests) {
    for (; requests; --requests) put(fd, chunked, chunked_size);
}

static void by_line(int fd, size_t requests) {
    for (; requests; --requests)
        for (const char *line = fixed, *end; *line; line = end) {
            const char *head_end = strstr(line, "\r\n");
            end = head_end ? head_end + 2 : fixed + fixed_size;
            put(fd, line, (size_t)(end - line));
        }
}

static void mebibyte(int fd, size_t requests) {
    for (; requests; --requests) {
        put(fd, HEAD_OF_MEBIBYTE, sizeof HEAD_OF_MEBIBYTE - 1);
        for (int i = 0; i < BLOCKS; ++i) put(fd, block, sizeof block);
    }
}

static const struct way {
    const char *name;
    void (*answer)(int fd, size_t requests);
} ways[] = {{"plain", plain},       {"one-write", in_one_write}, {"chunks", by_chunk},
            {"lines", by_line},     {"mebibyte", mebibyte},      {"chunks-in-one", chunks_in_one_write}};
static void (*answer)(int fd, size_t requests) = plain;

/* ---- HTTP/2 ----------------------------------------------------------------------------------- */

/* As a server does it that looks at nothing: what comes is a greeting of one size, then requests of
 * another, on the streams 1, 3, 5. Each is answered by HEADERS, DATA and trailers in one write, or
 * by as many writes of as many DATA frames. "GREETING:REQUEST:WRITES:FRAMES"; nothing: HTTP/1.1. */
static struct {
    size_t greeting, request, writes, frames;
} framing;
static struct talk {
    size_t seen; /* of what is not answered yet */
    unsigned stream;
} talks[MOST_DESCRIPTORS];
static char frames[MOST_FRAMES * FRAME];

static void speak_frames(const char *text) {
    size_t *const fields[] = {&framing.greeting, &framing.request, &framing.writes, &framing.frames};
    for (int i = 0; i < 4; ++i) {
        char *end;
        *fields[i] = strtoul(text, &end, 10);
        text = end + (*end == ':');
    }
    if (framing.frames > MOST_FRAMES) give_up("so many frames");
    for (char *frame = frames; frame < frames + framing.frames * FRAME; frame += FRAME) {
        frame[1] = (FRAME - FRAME_HEADER) >> 8;
        frame[4] = 0;
    }
}

static void name_stream(char *frame, unsigned stream) {
    stream = htonl(stream);
    memcpy(frame + 5, &stream, sizeof stream);
}

static void in_unary_frames(int fd, unsigned stream) {
    char unary[] = "\0\0\1\1\4\0\0\0\0\x88"
                   "\0\0\5\0\0\0\0\0\0" "hello"
                   "\0\0\1\1\5\0\0\0\0\x88";
    name_stream(unary, stream);
    name_stream(unary + 10, stream);
    name_stream(unary + 24, stream);
    put(fd, unary, sizeof unary - 1);
}

static void in_data_frames(int fd, unsigned stream) {
    char *const last = frames + (framing.frames - 1) * FRAME;
    for (size_t i = 1; i <= framing.writes; ++i) {
        for (char *frame = frames; frame <= last; frame += FRAME) name_stream(frame, stream);
        last[4] = i == framing.writes; /* END_STREAM */
        put(fd, frames, framing.frames * FRAME);
    }
}

static void take_frames(int fd, size_t got) {
    static const char settings[FRAME_HEADER] = {0, 0, 0, 4};
    struct talk *const talk = &talks[fd];
    talk->seen += got;
    if (!talk->stream && talk->seen >= framing.greeting) {
        put(fd, settings, sizeof settings);
        talk->seen -= framing.greeting;
        talk->stream = 1;
    }
    for (; talk->stream && talk->seen >= framing.request; talk->seen -= framing.request) {
        framing.writes ? in_data_frames(fd, talk->stream) : in_unary_frames(fd, talk->stream);
        talk->stream += 2;
    }
}

/* ---- The loop --------------------------------------------------------------------------------- */

static _Thread_local int connections;

static void watch(int loop, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event)) give_up("epoll_ctl");
}

static void enter(int loop, int listener, int flags) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | flags);
    if (fd < 0) return;
    if (fd >= MOST_DESCRIPTORS) give_up("too many descriptors");
    matched[fd] = 0;
    talks[fd] = (struct talk){0};
    ++connections;
    watch(loop, fd);
}

static void leave(int fd) {
    close(fd);
    --connections;
}

static void take_turn(int fd) {
    ssize_t got = read(fd, in, sizeof in);
    if (got > 0 && framing.greeting) {
        take_frames(fd, (size_t)got);
    } else if (got > 0) {
        size_t requests = empty_lines(&matched[fd], in, (size_t)got);
        if (requests) answer(fd, requests);
    } else if (got == 0 || errno != EAGAIN) {
        leave(fd);
    }
}

/* One pass over what is ready; whether anyone entered. */
static int turn(int loop, int listener, int flags) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(loop, events, EVENTS, -1), entered = 0;
    for (int i = 0; i < ready; ++i) {
        if (events[i].data.fd != listener) {
            take_turn(events[i].data.fd);
        } else {
            enter(loop, listener, flags);
            entered = 1;
        }
    }
    return entered;
}

static void serve_one(int listener) {
    int loop = epoll_create1(EPOLL_CLOEXEC), entered = 0;
    watch(loop, listener);
    while (!entered || connections) entered |= turn(loop, listener, 0);
    close(loop);
}

static void serve(int listener) {
    int loop = epoll_create1(EPOLL_CLOEXEC);
    watch(loop, listener);
    for (;;) turn(loop, listener, SOCK_NONBLOCK);
}

static void *work(void *loop) {
    for (;;) turn(*(int *)loop, -1, 0);
    return NULL;
}

static void serve_in_threads(int listener, int threads) {
    static int loops[MOST_THREADS];
    for (int i = 0; i < threads; ++i) {
        pthread_t thread;
        loops[i] = epoll_create1(EPOLL_CLOEXEC);
        if (pthread_create(&thread, NULL, work, &loops[i])) give_up("a thread");
    }
    for (int next = 0;; next = (next + 1) % threads)
        enter(loops[next], listener, SOCK_NONBLOCK);
}

/* ---- Items ------------------------------------------------------------------------------------ */

/* Waits for so many bytes, or the end, by a call that nothing in this process stands in front of. */
static void await_bytes(int fd, size_t size) {
    raw6(SYS_recvfrom, fd, (long)in, (long)size, MSG_PEEK | MSG_WAITALL, 0, 0);
}

/* Reads of exactly these sizes, whatever the network made of them, and an answer behind the last. */
static void serve_in_reads_of(int listener, const char *text) {
    static size_t sizes[MOST_SIZES];
    size_t count = 0, next = 0;
    for (char *end; *text; text = end + (*end == ',')) sizes[count++] = strtoul(text, &end, 10);
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    for (;;) {
        await_bytes(fd, sizes[next]);
        if (read(fd, in, sizes[next]) <= 0) break;
        if (++next == count) {
            plain(fd, 1);
            next = 0;
        }
    }
    close(fd);
}

static void write_and_read(int out, int in_fd, long times) {
    char byte = 'x';
    while (times--)
        if (write(out, &byte, 1) != 1 || read(in_fd, &byte, 1) < 0) give_up("write and read");
    close(out);
    if (in_fd != out) close(in_fd);
}

static void use_pipe(long times) {
    int ends[2];
    if (pipe(ends)) give_up("pipe");
    write_and_read(ends[1], ends[0], times);
}

static void use_file(long times) {
    int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) give_up("a file without a name");
    write_and_read(fd, fd, times);
}

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* A connection that this process makes: to an echo server at the port in ECHO. */
static void use_upstream(long times) {
    struct sockaddr_in address = loopback(atoi(getenv("ECHO")));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address)) give_up("connect");
    write_and_read(fd, fd, times);
}

/* So that the largest read may wait in the kernel as a whole. */
static void widen(int listener) {
    int size = 4 * ROOM;
    setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

static void do_item(int listener, char *item) {
    const char *value = strchr(item, ':') ? strchr(item, ':') + 1 : "";
    speak_frames(strncmp(item, "frames:", 7) ? "" : value);
    if (framing.greeting) return serve_one(listener);
    if (!strncmp(item, "reads:", 6)) return serve_in_reads_of(listener, value);
    if (!strncmp(item, "pipe:", 5)) return use_pipe(atol(value));
    if (!strncmp(item, "file:", 5)) return use_file(atol(value));
    if (!strncmp(item, "upstream:", 9)) return use_upstream(atol(value));
    for (size_t i = 0; i < sizeof ways / sizeof *ways; ++i)
        if (!strcmp(ways[i].name, item)) {
            answer = ways[i].answer;
            return serve_one(listener);
        }
    fprintf(stderr, "no item %s\n", item);
    exit(1);
}

/* ---- Start ------------------------------------------------------------------------------------ */

static int listening(int port) {
    struct sockaddr_in address = loopback(port);
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    address.sin_addr.s_addr = htonl(INADDR_ANY); /* many loopback addresses for many connections */
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, BACKLOG))
        give_up("listen");
    getsockname(fd, (struct sockaddr *)&address, &size);
    printf("port %d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static void prepare(void) {
    char *end = chunked + sprintf(chunked, "%s", HEAD_OF_CHUNKS);
    for (int i = 0; i < CHUNKS; ++i, end += sizeof CHUNK - 1) memcpy(end, CHUNK, sizeof CHUNK - 1);
    memcpy(end, "0\r\n\r\n", 5);
    chunked_size = (size_t)(end + 5 - chunked);
    for (int i = 0; i < MOST_PIPELINED; ++i) memcpy(joined + i * fixed_size, fixed, fixed_size);
    memset(block, 'b', sizeof block);
}

static void allow_many_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit)) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static const char *option(int count, char **arguments, const char *name) {
    for (int i = 1; i < count; ++i)
        if (!strncmp(arguments[i], name, strlen(name))) return arguments[i] + strlen(name);
    return "";
}

int main(int count, char **arguments) {
    signal(SIGPIPE, SIG_IGN);
    allow_many_descriptors();
    prepare();
    int listener = listening(atoi(option(count, arguments, "--port=")));
    int threads = atoi(option(count, arguments, "--threads=")), first = 1;
    speak_frames(option(count, arguments, "--frames="));
    while (first < count && !strncmp(arguments[first], "--", 2)) ++first;
    if (threads > 0 && threads <= MOST_THREADS) serve_in_threads(listener, threads);
    if (first == count) serve(listener);
    widen(listener);
    mark();
    for (int i = first; i < count; ++i) {
        do_item(listener, arguments[i]);
        mark();
    }
    return 0;
}
