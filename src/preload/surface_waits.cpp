// The exported functions by which a thread waits for several things at once. They are forwarded as
// they are; that they were called is all that is remembered, and when.

#include "memory.hpp"
#include "patience.hpp"
#include "surface.hpp"

#include <algorithm>
#include <cstring>

using namespace lastcall;

namespace {

// Many wait for one descriptor by them, only to have a time limit: nobody else is held up there. Or
// for none, to sleep.
void waits_for(nfds_t count) {
    if (count == 0) return;
    own_thread().births_at_poll = births.load(std::memory_order_relaxed);
    if (count > 1) waits_for_several();
}

// Sets are bits in words, as everywhere on Linux (select(2)). The kernel looks at as many as the
// process has descriptors, whatever it is told, and refuses what it cannot read.
nfds_t set_in(int count, const fd_set* set) {
    constexpr int bits = 64;
    const int most = std::clamp(count, 0, int{FD_SETSIZE});
    const auto words = static_cast<std::size_t>((most + bits - 1) / bits);
    if (set == nullptr || !memory::readable(set, words * sizeof(long))) return 0;
    nfds_t sum = 0;
    for (std::size_t i = 0; i < words; ++i) {
        unsigned long word = 0;
        std::memcpy(&word, reinterpret_cast<const char*>(set) + i * sizeof word, sizeof word);
        const int left = most - static_cast<int>(i) * bits;
        if (left < bits) word &= (1UL << left) - 1;
        sum += static_cast<nfds_t>(__builtin_popcountl(word));
    }
    return sum;
}

// The sets are looked at once for each connection that has been born, not each time.
void waits_for(int count, const fd_set* in, const fd_set* out) {
    const std::uint32_t known = births.load(std::memory_order_relaxed);
    ThreadMemory& own = own_thread();
    if (own.births_at_select == known) return;
    own.births_at_select = known;
    waits_for(set_in(count, in) + set_in(count, out));
}

}  // namespace

LASTCALL_EXPORT int poll(pollfd* fds, nfds_t count, int milliseconds) {
    waits_for(count);
    return next::poll(fds, count, milliseconds);
}

LASTCALL_EXPORT int __poll_chk(pollfd* fds, nfds_t count, int milliseconds, size_t room) {
    waits_for(count);
    return next::__poll_chk(fds, count, milliseconds, room);
}

LASTCALL_EXPORT int ppoll(pollfd* fds, nfds_t count, const timespec* time, const sigset_t* mask) {
    waits_for(count);
    return next::ppoll(fds, count, time, mask);
}

LASTCALL_EXPORT int __ppoll_chk(pollfd* fds, nfds_t count, const timespec* time,
                                const sigset_t* mask, size_t room) {
    waits_for(count);
    return next::__ppoll_chk(fds, count, time, mask, room);
}

LASTCALL_EXPORT int select(int count, fd_set* in, fd_set* out, fd_set* urgent, timeval* time) {
    waits_for(count, in, out);
    return next::select(count, in, out, urgent, time);
}

LASTCALL_EXPORT int pselect(int count, fd_set* in, fd_set* out, fd_set* urgent,
                            const timespec* time, const sigset_t* mask) {
    waits_for(count, in, out);
    return next::pselect(count, in, out, urgent, time, mask);
}

LASTCALL_EXPORT int epoll_wait(int fd, epoll_event* events, int count, int milliseconds) {
    waits_for_several();
    return next::epoll_wait(fd, events, count, milliseconds);
}

LASTCALL_EXPORT int epoll_pwait(int fd, epoll_event* events, int count, int milliseconds,
                                const sigset_t* mask) {
    waits_for_several();
    return next::epoll_pwait(fd, events, count, milliseconds, mask);
}

LASTCALL_EXPORT int epoll_pwait2(int fd, epoll_event* events, int count, const timespec* time,
                                 const sigset_t* mask) {
    waits_for_several();
    return next::epoll_pwait2(fd, events, count, time, mask);
}
