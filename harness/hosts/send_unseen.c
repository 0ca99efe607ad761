/* The ways to send that no preloaded library sees, or not whole: stdio, dprintf, a plug-in with a
 * scope of its own.
 * Knows the calls. Refuses to know who looks on. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

#include "send.h"

/* ---- stdio: calls that libc makes inside itself -------------------------------------------- */

static bool by_stdio(int fd, const struct response* response) {
    FILE* stream = stream_of(fd);
    size_t taken = fwrite(response->bytes, 1, response->all, stream);
    trace("stdio %zu %d", taken, fflush(stream));
    return taken == response->all;
}

static bool by_stdio_head(int fd, const struct response* response) {
    FILE* stream = stream_of(fd);
    trace("stdio %d", fprintf(stream, "%.*s", (int)response->head, response->bytes));
    return fflush(stream) == 0 &&
           send_all(fd, response->bytes + response->head, response->all - response->head);
}

static bool by_stdio_body(int fd, const struct response* response) {
    if (!send_all(fd, response->bytes, response->head)) {
        return false;
    }
    FILE* stream = stream_of(fd);
    size_t rest = response->all - response->head;
    trace("stdio %zu", fwrite(response->bytes + response->head, 1, rest, stream));
    return fflush(stream) == 0;
}

/* The stream is there before the head goes: a server that mixes both from the start. */
static bool by_stdio_around(int fd, const struct response* response) {
    (void)stream_of(fd);
    return by_stdio_body(fd, response);
}

static bool by_dprintf(int fd, const struct response* response) {
    int printed = dprintf(fd, "%.*s", (int)response->all, response->bytes);
    trace_result("dprintf", printed);
    return printed == (int)response->all;
}

/* ---- a plug-in with a scope of its own ----------------------------------------------------- */

static ssize_t call_plug_in(int fd, const char* bytes, size_t length) {
    static ssize_t (*plug_in_write)(int, const void*, size_t);
    if (!plug_in_write) {
#ifdef RTLD_DEEPBIND
        void* plug_in =
            settings.plug_in ? dlopen(settings.plug_in, RTLD_NOW | RTLD_DEEPBIND) : NULL;
        void* found = plug_in ? dlsym(plug_in, "plug_in_write") : NULL;
        memcpy(&plug_in_write, &found, sizeof found);
#endif
    }
    if (!plug_in_write) {
        give_up("no plug-in");
    }
    return plug_in_write(fd, bytes, length);
}

static bool by_plug_in_body(int fd, const struct response* response) {
    return send_head_and_body(fd, response, call_write, call_plug_in);
}

const struct send_row send_unseen[] = {
    {"plug-in", by_plug_in_body},
    {"stdio", by_stdio},
    {"stdio-head", by_stdio_head},
    {"stdio-body", by_stdio_body},
    {"stdio-around", by_stdio_around},
    {"dprintf", by_dprintf},
    {NULL, NULL},
};
