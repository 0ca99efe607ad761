/* Receiving and sending by io_uring: the kernel moves the bytes, no libc call does.
 * Knows one ring with one entry in use at a time, by system calls made in line. Refuses to know
 * what the bytes mean. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "raw.h"
#include "send.h"

#ifdef __GLIBC__ /* musl-gcc does not find the kernel's headers */
#include <linux/io_uring.h>

static struct {
    int fd; /* 0: not made yet */
    unsigned* submitted;
    unsigned* submit_mask;
    unsigned* order;
    unsigned* taken;
    unsigned* completed;
    unsigned* complete_mask;
    struct io_uring_sqe* entries;
    struct io_uring_cqe* completions;
} ring;

static char* mapped(size_t size, long at) {
    long memory = raw6(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                       ring.fd, at);
    if (memory < 0 && memory >= -4095) {
        give_up("map a ring");
    }
    return (char*)memory;
}

static void make_ring(void) {
    struct io_uring_params made;
    memset(&made, 0, sizeof made);
    long fd = raw3(SYS_io_uring_setup, 4, &made, 0);
    if (fd < 0 || !(made.features & IORING_FEAT_SINGLE_MMAP)) {
        give_up("io_uring");
    }
    ring.fd = (int)fd;
    size_t order = made.sq_off.array + made.sq_entries * sizeof(unsigned);
    size_t results = made.cq_off.cqes + made.cq_entries * sizeof(struct io_uring_cqe);
    char* rings = mapped(order > results ? order : results, IORING_OFF_SQ_RING);
    ring.submitted = (unsigned*)(rings + made.sq_off.tail);
    ring.submit_mask = (unsigned*)(rings + made.sq_off.ring_mask);
    ring.order = (unsigned*)(rings + made.sq_off.array);
    ring.taken = (unsigned*)(rings + made.cq_off.head);
    ring.completed = (unsigned*)(rings + made.cq_off.tail);
    ring.complete_mask = (unsigned*)(rings + made.cq_off.ring_mask);
    ring.completions = (struct io_uring_cqe*)(rings + made.cq_off.cqes);
    ring.entries = (struct io_uring_sqe*)mapped(made.sq_entries * sizeof(struct io_uring_sqe),
                                                IORING_OFF_SQES);
}

static ssize_t move(unsigned char how, int fd, const void* bytes, size_t size) {
    if (!ring.fd) {
        make_ring();
    }
    unsigned at = *ring.submitted & *ring.submit_mask;
    struct io_uring_sqe* entry = &ring.entries[at];
    memset(entry, 0, sizeof *entry);
    entry->opcode = how;
    entry->fd = fd;
    entry->addr = (unsigned long)bytes;
    entry->len = (unsigned)size;
    ring.order[at] = at;
    __atomic_store_n(ring.submitted, *ring.submitted + 1, __ATOMIC_RELEASE);
    long entered = raw6(SYS_io_uring_enter, ring.fd, 1, 1, IORING_ENTER_GETEVENTS, 0, 0);
    if (entered < 0 || *ring.taken == __atomic_load_n(ring.completed, __ATOMIC_ACQUIRE)) {
        errno = entered < 0 ? (int)-entered : EIO;
        return -1;
    }
    int result = ring.completions[*ring.taken & *ring.complete_mask].res;
    __atomic_store_n(ring.taken, *ring.taken + 1, __ATOMIC_RELEASE);
    errno = result < 0 ? -result : errno;
    return result < 0 ? -1 : result;
}

static ssize_t call_send(int fd, const char* bytes, size_t size) {
    return move(IORING_OP_SEND, fd, bytes, size);
}

ssize_t receive_by_ring(int fd, char* buffer, size_t size) {
    return move(IORING_OP_RECV, fd, buffer, size);
}
#else
static ssize_t call_send(int fd, const char* bytes, size_t size) {
    (void)fd;
    (void)bytes;
    (void)size;
    give_up("io_uring");
}

ssize_t receive_by_ring(int fd, char* buffer, size_t size) { return call_send(fd, buffer, size); }
#endif

static bool by_ring(int fd, const struct response* response) {
    return send_pieces(fd, call_send, response->bytes, response->all, response->all);
}

static bool by_ring_body(int fd, const struct response* response) {
    return send_head_and_body(fd, response, call_write, call_send);
}

const struct send_row send_by_ring[] = {
    {"io_uring", by_ring},
    {"io_uring-body", by_ring_body},
    {NULL, NULL},
};
