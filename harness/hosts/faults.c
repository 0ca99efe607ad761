/* The schedule of the faults and the ledger of what happened, a file shared by all processes of the
 * server: how often each site was called and failed, and how many bytes each connection moved.
 * Knows when a call may fail in which way without a lie: a socket that blocks is never full; and a
 * poller that is told only once must be told again after a fault. Refuses to know how a call is
 * made. Environment: FAULTS (kinds, by commas), FAULTS_LEDGER (a file), and either FAULTS_SEED and
 * FAULTS_RATE (in percent) or FAULTS_WALK: the n-th connection meets its fault in its n-th call,
 * and with "then", a short count there and another fault in the call behind it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "faults.h"
#include "raw.h"

enum { MOST_CONNECTIONS = 8192, MOST_DESCRIPTORS = 4096 };

struct row {
    char name[24];
    _Atomic uint64_t calls;
    _Atomic uint64_t faults;
};

struct moved {
    _Atomic uint64_t in;
    _Atomic uint64_t out;
    _Atomic uint64_t calls;
    _Atomic uint64_t faults;
};

static struct ledger {
    uint64_t sites;
    _Atomic uint64_t connections;
    struct row rows[SITES];
    struct moved of[MOST_CONNECTIONS]; /* from 1 */
} * ledger;

static _Atomic uint32_t connection_on[MOST_DESCRIPTORS]; /* 0: none */
static struct {
    int queue; /* epoll, and what it waits for; 0: none */
    struct epoll_event event;
} watched[MOST_DESCRIPTORS];

static bool allowed[KINDS];
static bool walks;
static bool and_then;
static uint64_t seed;
static uint64_t rate;
static uintptr_t front_low;
static uintptr_t front_high;

#define ROLE(name, role) role,
static const enum role roles[] = {FAULT_SITES(ROLE)};
#define NAME(name, role) #name,
static const char* const names[] = {FAULT_SITES(NAME)};

/* ---- the start ------------------------------------------------------------------------------- */

static void read_kinds(const char* list) {
    static const char* const words[KINDS] = {
        [SHORT] = "short",   [AGAIN] = "again", [INTERRUPT] = "interrupt", [RESET] = "reset",
        [NOBUFS] = "nobufs", [NOMEM] = "nomem", [REFUSE] = "refuse"};
    for (int kind = SHORT; list && kind < KINDS; ++kind) {
        allowed[kind] = strstr(list, words[kind]) != NULL;
    }
}

static int find_front(struct dl_phdr_info* object, size_t size, void* nothing) {
    (void)size;
    (void)nothing;
    if (!strstr(object->dlpi_name, "liblastcall")) {
        return 0;
    }
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const ElfW(Phdr)* part = &object->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && (part->p_flags & PF_X)) {
            front_low = object->dlpi_addr + part->p_vaddr;
            front_high = front_low + part->p_memsz;
        }
    }
    return 1;
}

static void open_ledger(const char* path) {
    long fd = raw6(SYS_openat, AT_FDCWD, (long)path, O_RDWR | O_CREAT | O_CLOEXEC, 0666, 0, 0);
    if (fd < 0 || raw3(SYS_ftruncate, fd, sizeof *ledger, 0) < 0) {
        return;
    }
    long at = raw6(SYS_mmap, 0, sizeof *ledger, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)raw3(SYS_close, fd, 0, 0);
    if (at < 0 && at >= -4095) {
        return;
    }
    ledger = (struct ledger*)at;
    for (int site = 0; site < SITES; ++site) {
        strncpy(ledger->rows[site].name, names[site], sizeof ledger->rows[site].name - 1);
    }
    ledger->sites = SITES;
}

static uint64_t number_in(const char* name) {
    const char* text = getenv(name);
    return text ? strtoull(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void begin(void) {
    const char* path = getenv("FAULTS_LEDGER");
    int kept = errno;
    read_kinds(getenv("FAULTS"));
    const char* walk = getenv("FAULTS_WALK");
    walks = walk != NULL;
    and_then = walk && strcmp(walk, "then") == 0;
    seed = number_in("FAULTS_SEED");
    rate = number_in("FAULTS_RATE");
    (void)dl_iterate_phdr(find_front, NULL);
    if (path) {
        open_ledger(path);
    }
    errno = kept;
}

/* ---- connections ----------------------------------------------------------------------------- */

static struct moved* moved_on(int fd) {
    if (!ledger || fd < 0 || fd >= MOST_DESCRIPTORS || !connection_on[fd]) {
        return NULL;
    }
    return &ledger->of[connection_on[fd]];
}

void connection_begins(long fd) {
    if (!ledger || fd < 0 || fd >= MOST_DESCRIPTORS) {
        return;
    }
    uint64_t number = atomic_fetch_add(&ledger->connections, 1) + 1;
    connection_on[fd] = number < MOST_CONNECTIONS ? (uint32_t)number : 0;
    watched[fd].queue = 0;
}

void connection_is_over(int fd) {
    if (fd >= 0 && fd < MOST_DESCRIPTORS) {
        connection_on[fd] = 0;
    }
}

bool has_moved(int fd) {
    struct moved* connection = moved_on(fd);
    return connection && connection->in > 0;
}

void remember_event(int queue, int fd, const void* event) {
    if (event && fd >= 0 && fd < MOST_DESCRIPTORS) {
        memcpy(&watched[fd].event, event, sizeof watched[fd].event);
        watched[fd].queue = queue;
    }
}

/* An edge-triggered poller reports again what it is asked about again. */
static void tell_again(int fd) {
    if (watched[fd].queue) {
        (void)raw6(SYS_epoll_ctl, watched[fd].queue, EPOLL_CTL_MOD, fd, (long)&watched[fd].event, 0,
                   0);
    }
}

/* ---- the schedule ---------------------------------------------------------------------------- */

static uint64_t mixed(uint64_t bits) {
    bits += 0x9e3779b97f4a7c15;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
    return bits ^ bits >> 31;
}

static bool blocks(int fd, int flags) {
    return !(flags & MSG_DONTWAIT) && !(raw3(SYS_fcntl, fd, F_GETFL, 0) & O_NONBLOCK);
}

static bool fits(enum kind kind, enum role role, size_t size, bool blocking) {
    if (!allowed[kind]) {
        return false;
    }
    switch (kind) {
        case SHORT: return role <= OUT && size > 1;
        case AGAIN: return (role <= OUT || role == ENTRY) && !blocking;
        case INTERRUPT: return (role <= ENTRY && blocking) || role == EXIT;
        case RESET: return role <= OUT;
        case NOBUFS: return role == OUT;
        case NOMEM: return role == MEMORY;
        case REFUSE: return role == QUESTION;
        default: return false;
    }
}

static enum kind chosen(enum role role, size_t size, bool blocking, uint64_t chance) {
    enum kind fitting[KINDS];
    size_t count = 0;
    for (int kind = SHORT; kind < KINDS; ++kind) {
        if (fits((enum kind)kind, role, size, blocking)) {
            fitting[count++] = (enum kind)kind;
        }
    }
    return count ? fitting[chance % count] : NONE;
}

static void count_fault(enum site site, struct moved* connection) {
    (void)atomic_fetch_add(&ledger->rows[site].faults, 1);
    if (connection) {
        (void)atomic_fetch_add(&connection->faults, 1);
    }
}

/* On the way out only: short first, then what else is allowed. */
static enum kind drawn_of_two(enum site site, struct moved* connection, size_t size, bool now,
                              bool blocking) {
    if (!connection || roles[site] != OUT) {
        return NONE;
    }
    bool second = connection->faults == 1;
    (void)atomic_fetch_add(&connection->calls, size > 1 || second);
    if (!second && !(now && fits(SHORT, OUT, size, blocking))) {
        return NONE;
    }
    enum kind kind = SHORT;
    if (second) {
        kind = fits(RESET, OUT, size, blocking) ? RESET : NOBUFS;
    }
    count_fault(site, connection);
    return kind;
}

static enum kind drawn(enum site site, struct moved* connection, size_t size, bool blocking) {
    uint64_t number = atomic_fetch_add(&ledger->rows[site].calls, 1);
    uint64_t chance = mixed(mixed(seed * SITES + (uint64_t)site) + number);
    bool now = chance % 100 < rate;
    if (walks) {
        uint64_t own = (uint64_t)(connection - ledger->of);
        now = connection && atomic_load(&connection->calls) + 1 == own;
    }
    if (and_then) {
        return drawn_of_two(site, connection, size, now, blocking);
    }
    enum kind kind = now ? chosen(roles[site], size, blocking, chance >> 32) : NONE;
    /* In a walk a call that cannot fail so is passed over. */
    if (connection && (!walks || chosen(roles[site], size, blocking, 0) != NONE)) {
        (void)atomic_fetch_add(&connection->calls, 1);
    }
    if (kind != NONE) {
        count_fault(site, connection);
    }
    return kind;
}

static int error_of(enum kind kind) {
    static const int errors[KINDS] = {[AGAIN] = EAGAIN,   [INTERRUPT] = EINTR, [RESET] = ECONNRESET,
                                      [NOBUFS] = ENOBUFS, [NOMEM] = ENOMEM,    [REFUSE] = EPERM};
    return errors[kind];
}

int fault_of_bytes(enum site site, int fd, size_t* size, int flags) {
    struct moved* connection = moved_on(fd);
    if (!connection) {
        return 0;
    }
    enum kind kind = drawn(site, connection, *size, blocks(fd, flags));
    if (kind == SHORT) {
        *size = 1 + mixed(seed + connection->calls) % (*size - 1);
    }
    if (kind == AGAIN) {
        tell_again(fd);
    }
    return error_of(kind);
}

int fault_of_call(enum site site, int fd, const void* caller) {
    enum role role = roles[site];
    uintptr_t from = (uintptr_t)caller;
    if (!ledger || (role >= QUESTION && (from < front_low || from >= front_high))) {
        return 0;
    }
    struct moved* connection = moved_on(fd);
    if ((role == EXIT || site == AT_fcntl) && !connection) {
        return 0;
    }
    enum kind kind = drawn(site, connection, 0, role == ENTRY && blocks(fd, 0));
    if (kind == AGAIN) {
        tell_again(fd);
    }
    return error_of(kind);
}

/* ---- answers --------------------------------------------------------------------------------- */

int failed(int error) {
    errno = error;
    return -1;
}

long answered(long answer) { return answer < 0 && answer >= -4095 ? failed((int)-answer) : answer; }

ssize_t moved(enum site site, int fd, long answer, size_t asked, size_t offered) {
    struct moved* connection = moved_on(fd);
    if (connection && answer > 0) {
        (void)atomic_fetch_add(roles[site] == IN ? &connection->in : &connection->out,
                               (uint64_t)answer);
    }
    if (connection && asked < offered) {
        tell_again(fd);
    }
    return answered(answer);
}
