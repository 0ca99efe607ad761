/* Children of a server: what they close is theirs, what they write is the connection's.
 * Knows the ways to start one and what it does first. Refuses to know what the parent serves
 * meanwhile. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"
#include "raw.h"

enum { MANY = 256 };

extern char** environ;

static void reap(pid_t child) {
    int status = -1;
    pid_t reaped = waitpid(child, &status, 0);
    trace("child %s, status %d", reaped == child ? "reaped" : "lost", status);
}

/* ---- /child/START/DEED: a child that clears its own descriptors ------------------------------ */

static void close_each(void) {
    for (int fd = 3; fd < MANY; ++fd) {
        (void)close(fd);
    }
}

static void syscall_close_each(void) {
    for (int fd = 3; fd < MANY; ++fd) {
        (void)syscall(SYS_close, fd);
    }
}

static void range_close(void) {
#ifdef __GLIBC__
    (void)close_range(3, ~0U, 0);
#else
    (void)syscall(SYS_close_range, 3, ~0U, 0);
#endif
}

static void from_close(void) {
#ifdef __GLIBC__
    closefrom(3);
#else
    (void)syscall(SYS_close_range, 3, ~0U, 0);
#endif
}

static void over_each(void) {
    for (int fd = 3; fd < MANY; ++fd) {
        (void)dup2(0, fd);
    }
}

static void shut_and_read(void) {
    /* what a child may do to descriptors that are not connections of its own */
    int ends[2];
    if (pipe(ends) == 0) {
        (void)dup2(ends[1], ends[0]);
        (void)fcntl(ends[1], F_DUPFD, 3);
    }
}

static const struct {
    const char* name;
    void (*deed)(void);
} deeds[] = {
    {"close", close_each},        {"syscall", syscall_close_each},
    {"close_range", range_close}, {"closefrom", from_close},
    {"dup2", over_each},          {"pipe", shut_and_read},
};

static void (*deed_named(const char* name))(void) {
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; ++i) {
        if (strcmp(deeds[i].name, name) == 0) {
            return deeds[i].deed;
        }
    }
    give_up("no such deed");
}

static void become_true(void) {
    (void)execl("/bin/true", "true", (char*)NULL);
    _exit(127);
}

static pid_t start_fork(void (*deed)(void)) {
    pid_t child = fork();
    if (child == 0) {
        deed();
        _exit(0);
    }
    return child;
}

/* The child borrows the parent's memory until it execs: all it does to a table, it does to the
 * parent's. */
static pid_t start_vfork(void (*deed)(void)) {
    pid_t child = vfork();
    if (child == 0) {
        deed();
        become_true();
    }
    return child;
}

/* A fork that runs none of libc's handlers. */
static pid_t start_clone(void (*deed)(void)) {
    long child = syscall(SYS_clone, (long)SIGCHLD, 0L, 0L, 0L, 0L);
    if (child == 0) {
        deed();
        _exit(0);
    }
    return (pid_t)child;
}

/* A process of its own in its parent's memory, as vfork's, but on a stack of its own. */
static int run_deed(void* deed) {
    ((void (*)(void))deed)();
    _exit(0);
}

static pid_t start_clone_vm(void (*deed)(void), int more) {
    static char stack[1 << 16] __attribute__((aligned(16)));
    return clone(run_deed, stack + sizeof stack, CLONE_VM | more | SIGCHLD, (void*)deed);
}

static pid_t start_spawn(int fd, const char* deed) {
    posix_spawn_file_actions_t actions;
    char* const arguments[] = {"true", NULL};
    pid_t child = -1;
    (void)posix_spawn_file_actions_init(&actions);
    if (strcmp(deed, "dup2") == 0) {
        (void)posix_spawn_file_actions_adddup2(&actions, 0, fd);
#ifdef __GLIBC__
    } else if (strcmp(deed, "closefrom") == 0) {
        (void)posix_spawn_file_actions_addclosefrom_np(&actions, 3);
#endif
    } else {
        (void)posix_spawn_file_actions_addclose(&actions, fd);
    }
    trace("spawn %d", posix_spawn(&child, "/bin/true", &actions, NULL, arguments, environ));
    (void)posix_spawn_file_actions_destroy(&actions);
    return child;
}

bool act_child(struct connection* connection, const char* argument) {
    char start[32];
    const char* slash = strchr(argument, '/');
    if (!slash || (size_t)(slash - argument) >= sizeof start) {
        give_up("which child?");
    }
    memcpy(start, argument, (size_t)(slash - argument));
    start[slash - argument] = '\0';
    const char* deed = slash + 1;
    pid_t child = -1;
    if (strcmp(start, "fork") == 0) {
        child = start_fork(deed_named(deed));
    } else if (strcmp(start, "vfork") == 0) {
        child = start_vfork(deed_named(deed));
    } else if (strcmp(start, "clone") == 0) {
        child = start_clone(deed_named(deed));
    } else if (strcmp(start, "clone-vm") == 0) {
        child = start_clone_vm(deed_named(deed), 0);
    } else if (strcmp(start, "clone-vfork") == 0) {
        child = start_clone_vm(deed_named(deed), CLONE_VFORK);
    } else if (strcmp(start, "spawn") == 0) {
        child = start_spawn(connection->in, deed);
    } else {
        give_up("no such start of a child");
    }
    reap(child);
    return respond(connection);
}

/* ---- /cgi/HOW: the child answers ------------------------------------------------------------- */

static void exec_cat(int connection, const struct response* response) {
    int file = file_with(response->bytes, response->all);
    (void)dup2(file, 0);
    (void)dup2(connection, 1);
    (void)execl("/bin/cat", "cat", (char*)NULL);
}

static void answer_and_leave(int fd, const char* how, const struct response* response) {
    if (strcmp(how, "exec") == 0) {
        exec_cat(fd, response);
        _exit(127);
    }
    _exit(send_named(how)(fd, response) ? 0 : 1);
}

bool act_cgi(struct connection* connection, const char* how) {
    struct response* response = response_make(connection, 0);
    pid_t child = fork();
    if (child == 0) {
        answer_and_leave(connection->out, how, response);
    }
    reap(child);
    response_free(response);
    return true;
}
