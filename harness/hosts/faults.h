/* A preload that stands behind another one and lets its calls fail as a kernel may: short counts,
 * full sockets, interrupts, resets, no memory; by a schedule that can be repeated.
 * Knows what the files of the layer share: the sites, the kinds, the ledger. Refuses to know HTTP,
 * and anything of the preload in front but its file's name. */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Moving bytes in, moving bytes out, of an accepted connection; and what the preload in front calls
 * on its own account. A row: the function, and which of these it is. */
#define FAULT_SITES(row)                                                                        \
    row(read, IN) row(readv, IN) row(recv, IN) row(recvfrom, IN) row(recvmsg, IN)               \
        row(recvmmsg, IN) row(__read_chk, IN) row(__recv_chk, IN) row(__recvfrom_chk, IN)       \
            row(write, OUT) row(writev, OUT) row(send, OUT) row(sendto, OUT) row(sendmsg, OUT)  \
                row(sendmmsg, OUT) row(sendfile, OUT) row(sendfile64, OUT) row(splice, OUT)     \
                    row(syscall, OUT) row(accept, ENTRY) row(accept4, ENTRY) row(close, EXIT)   \
                        row(shutdown, QUESTION) row(getsockopt, QUESTION)                       \
                            row(getsockname, QUESTION) row(ioctl, QUESTION) row(poll, QUESTION) \
                                row(fcntl, QUESTION) row(mmap, MEMORY) row(madvise, MEMORY)

#define FAULT_SITE(name, role) AT_##name,
enum site { FAULT_SITES(FAULT_SITE) SITES };
#undef FAULT_SITE

enum role { IN, OUT, ENTRY, EXIT, QUESTION, MEMORY };

enum kind { NONE, SHORT, AGAIN, INTERRUPT, RESET, NOBUFS, NOMEM, REFUSE, KINDS };

/* For a call that moves at most *size bytes on this descriptor: 0, with *size lowered if it is to
 * be short; or the errno to fail with. */
int fault_of_bytes(enum site site, int fd, size_t* size, int flags);
/* For any other call: 0 or errno. `caller` is where it returns to. */
int fault_of_call(enum site site, int fd, const void* caller);

/* What the kernel answered (negative: an errno) to a call that moves bytes; passed on as libc
 * would. */
ssize_t moved(enum site site, int fd, long answer, size_t asked, size_t offered);
long answered(long answer);
int failed(int error);

void connection_begins(long fd);
void connection_is_over(int fd);
bool has_moved(int fd); /* a byte, on an accepted connection */
void remember_event(int queue, int fd, const void* event);

#endif
