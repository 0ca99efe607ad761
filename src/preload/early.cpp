// The raw definitions of what the kernel knows under other arguments than libc. Nothing of libc is
// asked here.

#include "next.hpp"

#include <fcntl.h>

namespace lastcall::next::early {

constexpr std::size_t kernel_mask_size = 8;

int dup2(int old_fd, int new_fd) {
    // dup3 refuses what dup2 answers with the number itself.
    if (old_fd == new_fd) return raw::call(SYS_fcntl, old_fd, F_GETFD) < 0 ? -1 : new_fd;
    return static_cast<int>(raw::call(SYS_dup3, old_fd, new_fd, 0L));
}

ssize_t recv_chk(int fd, void* to, size_t size, size_t, int flags) {
    return raw::call(SYS_recvfrom, fd, to, size, flags);
}

ssize_t recvfrom_chk(int fd, void* to, size_t size, size_t, int flags, sockaddr* address,
                     socklen_t* length) {
    return raw::call(SYS_recvfrom, fd, to, size, flags, address, length);
}

long system_call(long number, long a, long b, long c, long d, long e, long f) {
    return raw::call(number, a, b, c, d, e, f);
}

// Not every machine has the older calls; the kernel changes the time it is given.
int poll(pollfd* fds, nfds_t count, int milliseconds) {
    timespec time{milliseconds / 1000, milliseconds % 1000 * 1'000'000L};
    return early::ppoll(fds, count, milliseconds < 0 ? nullptr : &time, nullptr);
}

int poll_chk(pollfd* fds, nfds_t count, int milliseconds, size_t) {
    return early::poll(fds, count, milliseconds);
}

int ppoll(pollfd* fds, nfds_t count, const timespec* time, const sigset_t* mask) {
    timespec copy = time == nullptr ? timespec{} : *time;
    return static_cast<int>(raw::call(SYS_ppoll, fds, count, time == nullptr ? nullptr : &copy,
                                      mask, kernel_mask_size));
}

int ppoll_chk(pollfd* fds, nfds_t count, const timespec* time, const sigset_t* mask, size_t) {
    return early::ppoll(fds, count, time, mask);
}

int select(int count, fd_set* in, fd_set* out, fd_set* urgent, timeval* time) {
    timespec copy{};
    if (time != nullptr) copy = {time->tv_sec, time->tv_usec * 1000L};
    return early::pselect(count, in, out, urgent, time == nullptr ? nullptr : &copy, nullptr);
}

int pselect(int count, fd_set* in, fd_set* out, fd_set* urgent, const timespec* time,
            const sigset_t* mask) {
    timespec copy = time == nullptr ? timespec{} : *time;
    const struct {
        const sigset_t* mask;
        std::size_t size;
    } both{mask, kernel_mask_size};
    return static_cast<int>(
        raw::call(SYS_pselect6, count, in, out, urgent, time == nullptr ? nullptr : &copy, &both));
}

int epoll_wait(int fd, epoll_event* events, int count, int milliseconds) {
    return early::epoll_pwait(fd, events, count, milliseconds, nullptr);
}

int epoll_pwait(int fd, epoll_event* events, int count, int milliseconds, const sigset_t* mask) {
    return static_cast<int>(
        raw::call(SYS_epoll_pwait, fd, events, count, milliseconds, mask, kernel_mask_size));
}

int epoll_pwait2(int fd, epoll_event* events, int count, const timespec* time,
                 const sigset_t* mask) {
    constexpr long number = 441;  // asm-generic/unistd.h; absent from old headers
    return static_cast<int>(raw::call(number, fd, events, count, time, mask, kernel_mask_size));
}

}  // namespace lastcall::next::early
