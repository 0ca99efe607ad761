/* The transcript: one line an event, so that a bare run and a preloaded one can be compared call by
 * call. Knows the name of the file. Refuses to use libc for it: a descriptor or a write of its own
 * would take part in what it reports. Opened and closed for every line, because hosts here close
 * everything. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "raw.h"

static void append(const char* line, size_t length) {
    if (!settings.trace) {
        return;
    }
    long fd = raw6(SYS_openat, AT_FDCWD, (long)settings.trace,
                   O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600, 0, 0);
    if (fd < 0) {
        return;
    }
    (void)raw3(SYS_write, fd, line, length);
    (void)raw3(SYS_close, fd, 0, 0);
}

void trace(const char* format, ...) {
    int kept = errno;
    char line[8192];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    if (length > (int)sizeof line - 2) {
        length = (int)sizeof line - 2;
    }
    line[length] = '\n';
    append(line, (size_t)length + 1);
    errno = kept;
}

void trace_result(const char* call, long result) {
    if (result < 0) {
        trace("%s %ld errno %d", call, result, errno);
    } else {
        trace("%s %ld", call, result);
    }
}

void trace_bytes(const char* what, const char* bytes, size_t length) {
    char text[4096];
    size_t used = 0;
    for (size_t i = 0; i < length && used < sizeof text - 5; ++i) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte >= 0x20 && byte < 0x7f && byte != '\\') {
            text[used++] = (char)byte;
        } else {
            used += (size_t)snprintf(text + used, 5, "\\x%02x", byte);
        }
    }
    trace("%s %zu %.*s", what, length, (int)used, text);
}

void give_up(const char* why) {
    trace("gave up: %s, errno %d", why, errno);
    (void)fprintf(stderr, "host: %s: %s\n", why, strerror(errno));
    exit(3);
}
