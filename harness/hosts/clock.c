/* A preload to stand behind ours, which tells its coarse clock what a file says: milliseconds, and
 * how many of them pass with each look at it. Knows who asks: the server's own clock is the kernel's.
 * Refuses to run without its file, or with one too short. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct told {
    _Atomic int64_t now;
    _Atomic int64_t step;
};

static struct told* told;

__attribute__((constructor)) static void begin(void) {
    const char* path = getenv("CLOCK_FILE");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void* at = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd < 0 || at == MAP_FAILED || lseek(fd, 0, SEEK_END) < (off_t)sizeof *told) {
        abort();
    }
    told = at;
    (void)close(fd);
}

static int asks(const void* caller) {
    Dl_info info;
    return told && dladdr(caller, &info) && strstr(info.dli_fname, "/liblastcall.so");
}

int clock_gettime(clockid_t clock, struct timespec* time) {
    if (clock != CLOCK_MONOTONIC_COARSE || !asks(__builtin_return_address(0))) {
        return (int)syscall(SYS_clock_gettime, clock, time);
    }
    int64_t step = atomic_load(&told->step);
    int64_t now = atomic_fetch_add(&told->now, step) + step;
    time->tv_sec = now / 1000;
    time->tv_nsec = now % 1000 * 1000000;
    return 0;
}
