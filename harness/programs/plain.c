/* A server of libc alone: a thread per connection, read and write, Content-Length only. It keeps
   no HTTP/1.0 connection and does not say so. Built with glibc and with musl. One line on standard
   error for each executed request. Serves WWW on PORT; argument "dup": reads and writes by two
   descriptors; "inherited": serves the one connection that is its standard input. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOM = 16384 };

struct input {
    int fd, out;
    size_t size;
    char bytes[ROOM + 1];
};

static int fill(struct input *in) {
    if (in->size == ROOM) return 0;
    ssize_t got = read(in->fd, in->bytes + in->size, ROOM - in->size);
    if (got <= 0) return 0;
    in->size += (size_t)got;
    in->bytes[in->size] = 0;
    return 1;
}

static void drop(struct input *in, size_t size) {
    memmove(in->bytes, in->bytes + size, in->size - size + 1);
    in->size -= size;
}

/* The head of the next request, ended by NUL in place of its empty line's last byte; 0 at the end. */
static size_t next_head(struct input *in) {
    char *end;
    while (!(end = strstr(in->bytes, "\r\n\r\n")))
        if (!fill(in)) return 0;
    return (size_t)(end - in->bytes) + 4;
}

static size_t content_length(const char *head, size_t size) {
    const char *line = head;
    while (line && line < head + size) {
        if (!strncasecmp(line, "Content-Length:", 15)) return strtoul(line + 15, NULL, 10);
        line = strstr(line, "\r\n");
        line = line ? line + 2 : NULL;
    }
    return 0;
}

static int skip_content(struct input *in, size_t left) {
    while (left) {
        if (!in->size && !fill(in)) return 0;
        size_t size = left < in->size ? left : in->size;
        drop(in, size);
        left -= size;
    }
    return 1;
}

static int write_all(int fd, const char *bytes, size_t size) {
    while (size) {
        ssize_t sent = write(fd, bytes, size);
        if (sent <= 0) return 0;
        bytes += sent;
        size -= (size_t)sent;
    }
    return 1;
}

static int write_head(int fd, int status, size_t length) {
    char head[200];
    int size = snprintf(head, sizeof head,
                        "HTTP/1.1 %d %s\r\nServer: plain\r\nContent-Length: %zu\r\n\r\n", status,
                        status == 200 ? "OK" : "Not Found", length);
    return write_all(fd, head, (size_t)size);
}

static int write_number(int fd, unsigned long number) {
    char text[32];
    int size = snprintf(text, sizeof text, "%lu", number);
    return write_head(fd, 200, (size_t)size) && write_all(fd, text, (size_t)size);
}

static int write_file(int fd, const char *path, int with_content) {
    char name[512], block[65536];
    struct stat status;
    snprintf(name, sizeof name, "%s%s", getenv("WWW"), path);
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status)) return write_head(fd, 404, 0);
    int whole = write_head(fd, 200, (size_t)status.st_size);
    ssize_t got;
    while (whole && with_content && (got = read(file, block, sizeof block)) > 0)
        whole = write_all(fd, block, (size_t)got);
    close(file);
    return whole;
}

static int answer(struct input *in, size_t head) {
    char method[16], path[256];
    if (sscanf(in->bytes, "%15s %255s", method, path) != 2) return 0;
    int persists = !memmem(in->bytes, head, " HTTP/1.0\r\n", 11);
    size_t length = content_length(in->bytes, head);
    drop(in, head);
    if (!skip_content(in, length)) return 0;
    dprintf(2, "%s %s\n", method, path);
    path[strcspn(path, "?")] = 0;
    if (!strcmp(path, "/length")) return write_number(in->out, length);
    return write_file(in->out, path, strcmp(method, "HEAD") != 0) && persists;
}

static void *serve(void *argument) {
    struct input *in = argument;
    size_t head;
    while ((head = next_head(in)) && answer(in, head))
        ;
    if (in->out != in->fd) close(in->out);
    close(in->fd);
    free(in);
    return NULL;
}

static struct input *opened(int fd, int out) {
    struct input *in = calloc(1, sizeof *in);
    in->fd = fd;
    in->out = out;
    return in;
}

static int listening(unsigned short port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 512) ? -1 : fd;
}

int main(int count, char **arguments) {
    const char *mode = count > 1 ? arguments[1] : "";
    signal(SIGPIPE, SIG_IGN);
    if (!strcmp(mode, "inherited")) {
        serve(opened(0, 0));
        return 0;
    }
    int listener = listening((unsigned short)atoi(getenv("PORT"))), fd;
    while (listener >= 0 && (fd = accept(listener, NULL, NULL)) >= 0) {
        pthread_t thread;
        int out = strcmp(mode, "dup") ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 0);
        pthread_create(&thread, NULL, serve, opened(fd, out));
        pthread_detach(thread);
    }
    return 1;
}
