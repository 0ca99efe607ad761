/* One connection: bytes in, whole requests out, each answered in order.
 * Knows as much HTTP as a request needs: the empty line and Content-Length. Refuses to know by
 * which calls the bytes come and go. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "host.h"

struct connection* connection_on(int fd) {
    struct connection* connection = calloc(1, sizeof *connection);
    connection->in = fd;
    connection->out = fd;
    if (settings.send_buffer) {
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &settings.send_buffer,
                         sizeof settings.send_buffer);
    }
    if (settings.receive_timeout) {
        struct timeval limit = {.tv_sec = settings.receive_timeout};
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    if (settings.duplicate) {
        connection->out = settings.duplicate(fd);
        if (connection->out < 0) {
            give_up("duplicate");
        }
    }
    return connection;
}

void connection_end(struct connection* connection) {
    if (connection->out != connection->in) {
        trace_result("close", settings.close(connection->out));
    }
    if (connection->in >= 0) {
        trace_result("close", settings.close(connection->in));
    }
    free(connection);
}

static void drop(struct connection* connection, size_t length) {
    connection->held -= length;
    memmove(connection->buffer, connection->buffer + length, connection->held);
}

static size_t content_length(const char* head, size_t length) {
    static const char name[] = "\r\nContent-Length: ";
    const char* field = memmem(head, length, name, sizeof name - 1);
    return field ? strtoul(field + sizeof name - 1, NULL, 10) : 0;
}

static bool take_head(struct connection* connection) {
    while (connection->held >= 2 && memcmp(connection->buffer, "\r\n", 2) == 0) {
        drop(connection, 2);
    }
    char* end = memmem(connection->buffer, connection->held, "\r\n\r\n", 4);
    if (!end) {
        return false;
    }
    size_t length = (size_t)(end + 4 - connection->buffer);
    *end = '\0'; /* so that sscanf stops; these four bytes are dropped below */
    if (sscanf(connection->buffer, "%15s %255s", connection->method, connection->path) != 2) {
        strcpy(connection->path, "/malformed");
    }
    connection->body = content_length(connection->buffer, length);
    connection->body_left = connection->body;
    drop(connection, length);
    return true;
}

static bool take_request(struct connection* connection) {
    if (!connection->in_body && !take_head(connection)) {
        return false;
    }
    connection->in_body = true;
    size_t part =
        connection->body_left < connection->held ? connection->body_left : connection->held;
    drop(connection, part);
    connection->body_left -= part;
    connection->in_body = connection->body_left > 0;
    return !connection->in_body;
}

bool answer_all(struct connection* connection) {
    while (take_request(connection)) {
        trace("request %s %s %zu", connection->method, connection->path, connection->body);
        if (!act(connection)) {
            return false;
        }
    }
    return true;
}

/* True while the connection lives; the count is -1 when nothing was there to receive. */
bool receive_once(struct connection* connection, ssize_t* received) {
    size_t room = sizeof connection->buffer - connection->held;
    do {
        *received = settings.receive(connection->in, connection->buffer + connection->held, room);
    } while (*received < 0 && errno == EINTR);
    if (settings.mode != EDGE_TRIGGERED) {
        trace_result("receive", *received);
    } else if (*received < 0 && errno == EAGAIN) {
        return true;
    }
    if (*received <= 0) {
        if (settings.mode == EDGE_TRIGGERED) {
            trace_result("receive", *received);
        }
        return false;
    }
    connection->held += (size_t)*received;
    return true;
}

void serve(struct connection* connection) {
    ssize_t received = 0;
    while (answer_all(connection) && receive_once(connection, &received)) {
    }
    connection_end(connection);
}
