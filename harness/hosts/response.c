/* The response of the host: a head as common servers write it and a body that names the request.
 * Knows the format. Refuses to know how it is sent. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "host.h"

enum { HEAD_ROOM = 1 << 16, LINE = 100 };

/* The close-related fields stand in the middle, so that an edit has something to keep on both
 * sides. */
static const char* connection_fields(const char* path) {
    return strncmp(path, "/plain", 6) == 0
               ? ""
               : "Connection: keep-alive\r\nKeep-Alive: timeout=5, max=100\r\n";
}

/* /padded/LINES: so many fields more before the others, each of the same length. */
static size_t pad(char* at, const char* path) {
    long lines = strncmp(path, "/padded/", 8) == 0 ? strtol(path + 8, NULL, 10) : 0;
    size_t used = 0;
    for (long i = 0; i < lines && used + LINE < HEAD_ROOM / 2; ++i) {
        used += (size_t)sprintf(at + used, "X-Padding-%04ld: ", i);
        memset(at + used, 'p', 60);
        used += 60;
        used += (size_t)sprintf(at + used, "\r\n");
    }
    return used;
}

struct response* response_make(const struct connection* connection, size_t body) {
    struct response* response = malloc(sizeof *response);
    response->bytes = malloc(HEAD_ROOM + body + 512);
    char text[512];
    int named = snprintf(text, sizeof text, "%s %s took %zu\n", connection->method,
                         connection->path, connection->body);
    size_t length = body ? body : (size_t)named;
    char* at = response->bytes;
    at += sprintf(at, "HTTP/1.1 200 OK\r\nServer: host\r\n");
    at += pad(at, connection->path);
    at += sprintf(at, "%sContent-Type: text/plain\r\nContent-Length: %zu\r\nX-Last: field\r\n\r\n",
                  connection_fields(connection->path), length);
    response->head = (size_t)(at - response->bytes);
    for (size_t i = 0; i < length; i += (size_t)named) {
        memcpy(at + i, text, length - i < (size_t)named ? length - i : (size_t)named);
    }
    response->all = response->head + length;
    return response;
}

void response_free(struct response* response) {
    free(response->bytes);
    free(response);
}

bool respond(const struct connection* connection) {
    size_t body =
        strncmp(connection->path, "/size/", 6) == 0 ? strtoul(connection->path + 6, NULL, 10) : 0;
    struct response* response = response_make(connection, body);
    bool sent = settings.send(connection->out, response);
    response_free(response);
    return sent;
}
