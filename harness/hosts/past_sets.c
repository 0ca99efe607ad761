/* select() as old daemons call it: told of as many descriptors as the process may have, with sets that
 * hold fewer and lie at the end of readable memory; or with none that can be read. Prints what each
 * call answers. Knows no connection. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <unistd.h>

static void told(const char* what, int result) {
    printf("%s %d errno %d\n", what, result, result < 0 ? errno : 0);
}

int main(void) {
    enum { PAGE = 4096 };
    char* memory = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct timeval none = {0, 0};
    struct timespec nothing = {0, 0};
    int ends[2];
    struct rlimit limit;
    if (memory == MAP_FAILED || mprotect(memory + PAGE, PAGE, PROT_NONE) != 0 || pipe(ends) != 0) {
        return 1;
    }
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < 20000 ? limit.rlim_max : 20000;
    setrlimit(RLIMIT_NOFILE, &limit);
    fd_set* last = (fd_set*)(memory + PAGE - sizeof(fd_set));
    FD_SET(ends[0], last);
    told("as many as may be", select(getdtablesize(), last, NULL, NULL, &none));
    FD_SET(ends[0], last);
    told("the same by pselect", pselect(getdtablesize(), last, NULL, NULL, &nothing, NULL));
    told("of no set", select(4, (fd_set*)8, NULL, NULL, &none));
    told("of a negative number", select(-1, last, NULL, NULL, &none));
    return 0;
}
