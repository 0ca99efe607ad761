/* `confined RULE PROGRAM ARGUMENT...`: the program where one thing is refused, before its first
 * instruction: ptrace, process_vm, memfd, mprotect (to executable), mmap (anonymous and executable),
 * mdwe (the kernel's own rule about executable memory). Knows seccomp. Refuses to know what for. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#endif
enum { UNKNOWN_RULE = 64, NOT_HERE = 77, NOT_STARTED = 127, MDWE_REFUSE_EXEC_GAIN = 1 };

struct rule {
    const char* name;
    long calls[2];
    unsigned protection; /* of the third argument, to be refused; 0: all */
    unsigned flags;      /* of the fourth, besides */
};

static const struct rule rules[] = {
    {"ptrace", {SYS_ptrace, SYS_ptrace}, 0, 0},
    {"process_vm", {SYS_process_vm_readv, SYS_process_vm_writev}, 0, 0},
    {"memfd", {SYS_memfd_create, SYS_memfd_create}, 0, 0},
    {"mprotect", {SYS_mprotect, SYS_pkey_mprotect}, PROT_EXEC, 0},
    {"mmap", {SYS_mmap, SYS_mmap}, PROT_EXEC, MAP_ANONYMOUS},
};

#define ARGUMENT(n) (offsetof(struct seccomp_data, args) + sizeof(__u64) * (n))
#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define UNLESS(test, value, jump) BPF_JUMP(BPF_JMP | (test) | BPF_K, (value), 0, (jump))

static int refuse(const struct rule* rule) {
    struct sock_filter all_of_them[] = {
        LOAD(offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)rule->calls[0], 1, 0),
        UNLESS(BPF_JEQ, (unsigned)rule->calls[1], 5),
        LOAD(ARGUMENT(2)),
        UNLESS(rule->protection ? BPF_JSET : BPF_JGE, rule->protection, 3),
        LOAD(ARGUMENT(3)),
        UNLESS(rule->flags ? BPF_JSET : BPF_JGE, rule->flags, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof all_of_them / sizeof *all_of_them, all_of_them};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int confine(const char* name) {
    if (strcmp(name, "mdwe") == 0) {
        return prctl(PR_SET_MDWE, MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) ? NOT_HERE : 0;
    }
    for (size_t i = 0; i < sizeof rules / sizeof *rules; ++i) {
        if (strcmp(name, rules[i].name) == 0) {
            return refuse(&rules[i]) ? NOT_HERE : 0;
        }
    }
    return UNKNOWN_RULE;
}

int main(int count, char** arguments) {
    int failed = count < 3 ? UNKNOWN_RULE : confine(arguments[1]);
    if (failed) {
        return failed;
    }
    (void)execvp(arguments[2], arguments + 2);
    perror(arguments[2]);
    return NOT_STARTED;
}
