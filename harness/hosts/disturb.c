/* What goes on around a host while it serves: signals, a filter of system calls, a standard error
 * that is gone. Knows how to bring each about. Refuses to know what the host does meanwhile. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "raw.h"

/* ---- signals --------------------------------------------------------------------------------- */

static void do_nothing(int signal) { (void)signal; }

void interrupt_often(bool restart) {
    enum { MILLISECOND = 1000000 };
    struct sigaction action = {.sa_handler = do_nothing, .sa_flags = restart ? SA_RESTART : 0};
    struct sigevent by_signal = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec often = {{0, MILLISECOND}, {0, MILLISECOND}};
    timer_t timer;
    if (sigaction(SIGUSR1, &action, NULL) != 0 ||
        timer_create(CLOCK_MONOTONIC, &by_signal, &timer) != 0 ||
        timer_settime(timer, 0, &often, NULL) != 0) {
        give_up("a timer that interrupts");
    }
}

/* ---- a filter: ACTION:NAME,NAME... ----------------------------------------------------------- */

/* From <linux/filter.h> and <linux/seccomp.h>, which musl-gcc does not find. */
struct instruction {
    uint16_t code;
    uint8_t if_true;
    uint8_t if_false;
    uint32_t value;
};
struct instructions {
    unsigned short count;
    struct instruction* first;
};
enum { LOAD = 0x20, IS_EQUAL = 0x15, RETURN = 0x06, FILTERED = 2 };
#define KILL 0x80000000U
#define FAIL 0x00050000U
#define ALLOW 0x7fff0000U

/* All that this host needs to serve with accept, read, write and close. */
static const long own_calls[] = {
    SYS_accept, SYS_read,       SYS_write,      SYS_close,        SYS_openat,
    SYS_lseek,  SYS_brk,        SYS_mmap,       SYS_munmap,       SYS_mremap,
    SYS_fstat,  SYS_newfstatat, SYS_exit_group, SYS_rt_sigreturn, SYS_restart_syscall,
};

/* What else may be allowed, by name. */
static const struct {
    const char* name;
    long number;
} named_calls[] = {
    {"getsockopt", SYS_getsockopt}, {"getsockname", SYS_getsockname},
    {"ioctl", SYS_ioctl},           {"shutdown", SYS_shutdown},
    {"recvfrom", SYS_recvfrom},     {"sendto", SYS_sendto},
    {"writev", SYS_writev},         {"poll", SYS_poll},
    {"fcntl", SYS_fcntl},           {"getpid", SYS_getpid},
    {"madvise", SYS_madvise},       {"rt_sigprocmask", SYS_rt_sigprocmask},
    {"gettid", SYS_gettid},         {"close_range", SYS_close_range},
    {"sendmsg", SYS_sendmsg},
};

enum {
    COUNT_OWN = sizeof own_calls / sizeof *own_calls,
    COUNT_NAMED = sizeof named_calls / sizeof *named_calls
};

static struct instruction filter[2 + 2 * (COUNT_OWN + COUNT_NAMED)];
static unsigned short filter_size;

static void add(uint16_t code, uint32_t value, uint8_t if_false) {
    filter[filter_size++] = (struct instruction){code, 0, if_false, value};
}

static void decide(long number, uint32_t what) {
    add(IS_EQUAL, (uint32_t)number, 1);
    add(RETURN, what, 0);
}

static bool listed(const char* list, const char* name) {
    size_t length = strlen(name);
    for (const char* at = strstr(list, name); at; at = strstr(at + 1, name)) {
        bool begins = at == list || at[-1] == ',';
        if (begins && (at[length] == ',' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

static void decide_named(const char* list, uint32_t what) {
    for (size_t i = 0; i < COUNT_NAMED; ++i) {
        if (listed(list, named_calls[i].name)) {
            decide(named_calls[i].number, what);
        }
    }
}

static void install(void) {
    struct instructions all = {filter_size, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, FILTERED, &all, 0, 0) != 0) {
        give_up("a filter");
    }
}

void filter_calls(const char* rule) {
    const char* list = strchr(rule, ':');
    if (!list) {
        give_up("filter what?");
    }
    add(LOAD, 0, 0); /* the call's number */
    if (strncmp(rule, "missing:", 8) == 0) {
        decide_named(list + 1, FAIL | ENOSYS);
        add(RETURN, ALLOW, 0);
    } else {
        for (size_t i = 0; i < COUNT_OWN; ++i) {
            decide(own_calls[i], ALLOW);
        }
        decide_named(list + 1, ALLOW);
        add(RETURN, strncmp(rule, "kill:", 5) == 0 ? KILL : FAIL | EPERM, 0);
    }
    install();
}
