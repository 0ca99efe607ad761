/* The ways to send a body from a file or through a pipe.
 * Knows the calls. Refuses to know what is in the file. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "send.h"

/* ---- bodies from files and pipes ----------------------------------------------------------- */

int file_with(const char* bytes, size_t length) {
    int file = memfd_create("body", MFD_CLOEXEC);
    if (file < 0 || write(file, bytes, length) != (ssize_t)length ||
        lseek(file, 0, SEEK_SET) != 0) {
        give_up("a file for the body");
    }
    return file;
}

static ssize_t call_sendfile(int fd, int file, off_t* offset, size_t length) {
    return sendfile(fd, file, offset, length);
}

static ssize_t call_sendfile64(int fd, int file, off_t* offset, size_t length) {
    return sendfile64(fd, file, offset, length);
}

static ssize_t call_syscall_sendfile(int fd, int file, off_t* offset, size_t length) {
    return syscall(SYS_sendfile, fd, file, offset, length);
}

static bool body_from_file(int fd, const struct response* response,
                           ssize_t (*call)(int, int, off_t*, size_t)) {
    size_t length = response->all - response->head;
    if (!send_pieces(fd, call_send_more, response->bytes, response->head, response->head)) {
        return false;
    }
    int file = file_with(response->bytes + response->head, length);
    off_t offset = 0;
    bool went = true;
    while (went && offset < (off_t)length) {
        went = may_retry("sendfile", fd, call(fd, file, &offset, length - (size_t)offset));
    }
    trace("offset %ld", (long)offset);
    (void)close(file);
    return went;
}

static bool by_sendfile(int fd, const struct response* response) {
    return body_from_file(fd, response, call_sendfile);
}

static bool by_sendfile64(int fd, const struct response* response) {
    return body_from_file(fd, response, call_sendfile64);
}

static bool by_syscall_sendfile(int fd, const struct response* response) {
    return body_from_file(fd, response, call_syscall_sendfile);
}

/* The file goes on behind the body. */
static bool by_sendfile_beyond(int fd, const struct response* response) {
    static const char behind[] = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n";
    struct response longer = {.head = response->head, .all = response->all + sizeof behind - 1};
    longer.bytes = malloc(longer.all);
    if (!longer.bytes) {
        give_up("memory for more than the body");
    }
    memcpy(longer.bytes, response->bytes, response->all);
    memcpy(longer.bytes + response->all, behind, sizeof behind - 1);
    bool went = body_from_file(fd, &longer, call_sendfile);
    free(longer.bytes);
    return went;
}

/* Head and body in one file: the head itself goes by sendfile. */
static bool by_sendfile_whole(int fd, const struct response* response) {
    int file = file_with(response->bytes, response->all);
    off_t offset = 0;
    bool went = true;
    while (went && offset < (off_t)response->all) {
        went =
            may_retry("sendfile", fd, sendfile(fd, file, &offset, response->all - (size_t)offset));
    }
    (void)close(file);
    return went;
}

static ssize_t call_splice(int from, int fd, size_t length) {
    return splice(from, NULL, fd, NULL, length, SPLICE_F_MOVE);
}

static ssize_t call_syscall_splice(int from, int fd, size_t length) {
    return syscall(SYS_splice, from, NULL, fd, NULL, length, SPLICE_F_MOVE);
}

static bool through_pipe(int fd, int pipe_ends[2], const char* bytes, size_t length,
                         ssize_t (*call)(int, int, size_t)) {
    if (write(pipe_ends[1], bytes, length) != (ssize_t)length) {
        give_up("fill the pipe");
    }
    size_t done = 0;
    while (done < length) {
        ssize_t moved = call(pipe_ends[0], fd, length - done);
        if (!may_retry("splice", fd, moved)) {
            return false;
        }
        done += moved > 0 ? (size_t)moved : 0;
    }
    return true;
}

static bool body_from_pipe(int fd, const struct response* response,
                           ssize_t (*call)(int, int, size_t)) {
    enum { CHUNK = 4096 };
    int ends[2];
    if (pipe(ends) != 0) {
        give_up("pipe");
    }
    bool went = send_pieces(fd, call_write, response->bytes, response->head, response->head);
    for (size_t at = response->head; went && at < response->all; at += CHUNK) {
        size_t length = response->all - at < CHUNK ? response->all - at : CHUNK;
        went = through_pipe(fd, ends, response->bytes + at, length, call);
    }
    (void)close(ends[0]);
    (void)close(ends[1]);
    return went;
}

static bool by_splice(int fd, const struct response* response) {
    return body_from_pipe(fd, response, call_splice);
}

static bool by_syscall_splice(int fd, const struct response* response) {
    return body_from_pipe(fd, response, call_syscall_splice);
}

const struct send_row send_files[] = {
    {"sendfile", by_sendfile},
    {"sendfile64", by_sendfile64},
    {"sendfile-whole", by_sendfile_whole},
    {"sendfile-beyond", by_sendfile_beyond},
    {"splice", by_splice},
    {"syscall-sendfile", by_syscall_sendfile},
    {"syscall-splice", by_syscall_splice},
    {NULL, NULL},
};
