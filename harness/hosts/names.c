/* A program whose own functions have names that a library might use inside: none of them is to be
 * called by anybody but itself, and each would end it. Knows names that collide in practice.
 * Exported (-rdynamic), as plug-in hosts do. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define OURS(name)   \
    void name(void); \
    void name(void) { abort(); }
OURS(init)
OURS(fini)
OURS(start)
OURS(report)
OURS(active)
OURS(settings)
OURS(next)
OURS(table)
OURS(find)
OURS(find_all)
OURS(lookup)
OURS(complain)
OURS(proven)
OURS(guest)
OURS(lastcall)
OURS(lastcall_init)
OURS(real_read)
OURS(real_write)
OURS(original)
OURS(hook)
OURS(trace)
OURS(pool)
OURS(owner)

int main(void) {
    int ends[2];
    char byte = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || write(ends[0], "x", 1) != 1 ||
        read(ends[1], &byte, 1) != 1) {
        return 1;
    }
    if (close(ends[0]) != 0 || close(ends[1]) != 0 || byte != 'x') {
        return 2;
    }
    return puts("alone") < 0;
}
