/* An allocator with a lock that cannot be taken twice, which calls write, close and dup2 while it
 * holds it. Knows glibc's own allocator behind it. Refuses to go on when it is entered from within:
 * status 98. */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "raw.h"

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);

static _Thread_local int held __attribute__((tls_model("initial-exec")));

static void enter(void) {
    if (held) {
        (void)raw3(SYS_exit_group, 98, 0, 0);
    }
    held = 1;
    int kept = errno;
    (void)write(-1, "", 0);
    (void)read(-1, NULL, 0);
    (void)close(-1);
    (void)dup2(-1, -1);
    errno = kept;
}

void* malloc(size_t size) {
    enter();
    void* memory = __libc_malloc(size);
    held = 0;
    return memory;
}

void* calloc(size_t count, size_t size) {
    enter();
    void* memory = __libc_calloc(count, size);
    held = 0;
    return memory;
}

void* realloc(void* old, size_t size) {
    enter();
    void* memory = __libc_realloc(old, size);
    held = 0;
    return memory;
}
