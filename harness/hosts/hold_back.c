/* A preload to stand behind ours, which holds back one call of ours just before it is made: until the
 * program lets it go, or for a while, since the program may itself have to wait for it. Knows the two calls
 * by what no program of ours asks for: bytes taken by nobody, and a half-close. Refuses to know who makes
 * them on which connection, and changes neither the call nor its result. */
#define _GNU_SOURCE
#include <dlfcn.h>

#include "held_back.h"
#include "peers.h"

enum { HELD_MS = 200 }; /* well below the second for which a close may be kept waiting */

struct held_back held_back;

static int is_held(enum held_call call) {
    int wanted = call;
    if (!atomic_compare_exchange_strong(&held_back.call, &wanted, NO_CALL)) {
        return 0;
    }
    atomic_store(&held_back.reached, 1);
    (void)comes(&held_back.go, HELD_MS);
    return 1;
}

ssize_t recv(int fd, void* buffer, size_t size, int flags) {
    ssize_t (*next)(int, void*, size_t, int);
    *(void**)&next = dlsym(RTLD_NEXT, "recv");
    int held = buffer == NULL && (flags & MSG_TRUNC) && is_held(THROWS_AWAY);
    ssize_t result = next(fd, buffer, size, flags);
    atomic_fetch_or(&held_back.done, held);
    return result;
}

int shutdown(int fd, int how) {
    int (*next)(int, int);
    *(void**)&next = dlsym(RTLD_NEXT, "shutdown");
    int held = how == SHUT_WR && is_held(HALF_CLOSES);
    int result = next(fd, how);
    atomic_fetch_or(&held_back.done, held);
    return result;
}
