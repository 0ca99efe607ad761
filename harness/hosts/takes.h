/* Reading away what an HTTP/2 client says, of which a host knows only how much it is. Includers have a
 * `demand` of their own, which ends them as they are to end. */
#ifndef TAKES_H
#define TAKES_H

#include <poll.h>
#include <unistd.h>

enum { HEADER = 9, GREETING = 33, REQUEST = 10, PATIENCE = 20000 };

static void demand(int holds, const char* what);

static void take(int fd, size_t size) {
    char away[GREETING];
    for (size_t got = 0; got < size;) {
        struct pollfd input = {.fd = fd, .events = POLLIN};
        demand(poll(&input, 1, PATIENCE) == 1, "input");
        ssize_t part = read(fd, away, size - got);
        demand(part > 0, "a read");
        got += (size_t)part;
    }
}

#endif
