// The next definition of each symbol we export: libc's, or that of a preload behind us.
// One row a symbol; the exported functions must be exactly these rows. Before our constructor has
// run a row answers by a raw system call, so no call ever finds a null pointer.
#pragma once

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <atomic>
#include <cstdint>
#include <cstdio>

#include "raw.hpp"

namespace lastcall::next {

// Which libcs define a symbol. dlsym allocates when it finds nothing, so a symbol is not looked up
// where it cannot be. For glibc: the minor version of 2.x.
enum class Since : std::uint16_t {
    ever = 0,
    glibc = 1,
    glibc_2_28 = 28,
    glibc_2_34 = 34,
    glibc_2_35 = 35,
    musl = 0xffff
};

template <typename Signature>
class Next;

template <typename Result, typename... Arguments>
class Next<Result(Arguments...)> {
public:
    using Function = Result (*)(Arguments...);

    constexpr explicit Next(Function early) : definition_(early) {}

    Result operator()(Arguments... arguments) const {
        return definition_.load(std::memory_order_relaxed)(arguments...);
    }

    void define(void* definition) {
        definition_.store(reinterpret_cast<Function>(definition), std::memory_order_relaxed);
    }

private:
    std::atomic<Function> definition_;
};

// A definition that only makes the system call, with the arguments in their order.
template <long number>
struct Direct {
    template <typename Result, typename... Arguments>
    using Function = Result (*)(Arguments...);

    template <typename Result, typename... Arguments>
    constexpr operator Function<Result, Arguments...>() const {
        return [](Arguments... arguments) {
            return static_cast<Result>(raw::call(number, arguments...));
        };
    }
};

// Definitions for what the kernel knows under other arguments, or not at all.
namespace early {
int dup2(int from, int to);
int closefrom(int first);
ssize_t recv_chk(int fd, void* to, size_t size, size_t room, int flags);
ssize_t recvfrom_chk(int fd, void* to, size_t size, size_t room, int flags, sockaddr* address,
                     socklen_t* length);
long system_call(long number, long a, long b, long c, long d, long e, long f);
int poll(pollfd* fds, nfds_t count, int milliseconds);
int poll_chk(pollfd* fds, nfds_t count, int milliseconds, size_t room);
int ppoll(pollfd* fds, nfds_t count, const timespec* time, const sigset_t* mask);
int ppoll_chk(pollfd* fds, nfds_t count, const timespec* time, const sigset_t* mask, size_t room);
int select(int count, fd_set* in, fd_set* out, fd_set* urgent, timeval* time);
int pselect(int count, fd_set* in, fd_set* out, fd_set* urgent, const timespec* time,
            const sigset_t* mask);
int epoll_wait(int fd, epoll_event* events, int count, int milliseconds);
int epoll_pwait(int fd, epoll_event* events, int count, int milliseconds, const sigset_t* mask);
int epoll_pwait2(int fd, epoll_event* events, int count, const timespec* time,
                 const sigset_t* mask);
FILE* fdopen(int fd, const char* mode);
int fclose(FILE* stream);
FILE* freopen(const char* path, const char* mode, FILE* stream);
FILE* freopen64(const char* path, const char* mode, FILE* stream);
int fcloseall();
}  // namespace early

// clang-format off
#define LASTCALL_SYMBOLS(row) \
    row(accept,         ever,       Direct<SYS_accept>{},       int(int, sockaddr*, socklen_t*)) \
    row(accept4,        ever,       Direct<SYS_accept4>{},      int(int, sockaddr*, socklen_t*, int)) \
    row(listen,         ever,       Direct<SYS_listen>{},       int(int, int)) \
    row(read,           ever,       Direct<SYS_read>{},         ssize_t(int, void*, size_t)) \
    row(readv,          ever,       Direct<SYS_readv>{},        ssize_t(int, const iovec*, int)) \
    row(recv,           ever,       Direct<SYS_recvfrom>{},     ssize_t(int, void*, size_t, int)) \
    row(recvfrom,       ever,       Direct<SYS_recvfrom>{},     ssize_t(int, void*, size_t, int, sockaddr*, socklen_t*)) \
    row(recvmsg,        ever,       Direct<SYS_recvmsg>{},      ssize_t(int, msghdr*, int)) \
    row(recvmmsg,       ever,       Direct<SYS_recvmmsg>{},     int(int, mmsghdr*, unsigned, int, timespec*)) \
    row(__read_chk,     glibc,      Direct<SYS_read>{},         ssize_t(int, void*, size_t, size_t)) \
    row(__recv_chk,     glibc,      early::recv_chk,            ssize_t(int, void*, size_t, size_t, int)) \
    row(__recvfrom_chk, glibc,      early::recvfrom_chk,        ssize_t(int, void*, size_t, size_t, int, sockaddr*, socklen_t*)) \
    row(write,          ever,       Direct<SYS_write>{},        ssize_t(int, const void*, size_t)) \
    row(writev,         ever,       Direct<SYS_writev>{},       ssize_t(int, const iovec*, int)) \
    row(send,           ever,       Direct<SYS_sendto>{},       ssize_t(int, const void*, size_t, int)) \
    row(sendto,         ever,       Direct<SYS_sendto>{},       ssize_t(int, const void*, size_t, int, const sockaddr*, socklen_t)) \
    row(sendmsg,        ever,       Direct<SYS_sendmsg>{},      ssize_t(int, const msghdr*, int)) \
    row(sendmmsg,       ever,       Direct<SYS_sendmmsg>{},     int(int, mmsghdr*, unsigned, int)) \
    row(sendfile,       ever,       Direct<SYS_sendfile>{},     ssize_t(int, int, off_t*, size_t)) \
    row(sendfile64,     ever,       Direct<SYS_sendfile>{},     ssize_t(int, int, off_t*, size_t)) \
    row(splice,         ever,       Direct<SYS_splice>{},       ssize_t(int, off_t*, int, off_t*, size_t, unsigned)) \
    row(getpeername,    ever,       Direct<SYS_getpeername>{},  int(int, sockaddr*, socklen_t*)) \
    row(shutdown,       ever,       Direct<SYS_shutdown>{},     int(int, int)) \
    row(close,          ever,       Direct<SYS_close>{},        int(int)) \
    row(__close,        glibc,      Direct<SYS_close>{},        int(int)) \
    row(posix_close,    musl,       Direct<SYS_close>{},        int(int, int)) \
    row(close_range,    glibc_2_34, Direct<SYS_close_range>{},  int(unsigned, unsigned, int)) \
    row(closefrom,      glibc_2_34, early::closefrom,           int(int)) \
    row(dup,            ever,       Direct<SYS_dup>{},          int(int)) \
    row(dup2,           ever,       early::dup2,                int(int, int)) \
    row(__dup2,         glibc,      early::dup2,                int(int, int)) \
    row(dup3,           ever,       Direct<SYS_dup3>{},         int(int, int, int)) \
    row(fcntl,          ever,       Direct<SYS_fcntl>{},        int(int, int, long)) \
    row(fcntl64,        glibc_2_28, Direct<SYS_fcntl>{},        int(int, int, long)) \
    row(__fcntl,        glibc,      Direct<SYS_fcntl>{},        int(int, int, long)) \
    row(socket,         ever,       Direct<SYS_socket>{},       int(int, int, int)) \
    row(socketpair,     ever,       Direct<SYS_socketpair>{},   int(int, int, int, int*)) \
    row(connect,        ever,       Direct<SYS_connect>{},      int(int, const sockaddr*, socklen_t)) \
    row(poll,           ever,       early::poll,                int(pollfd*, nfds_t, int)) \
    row(__poll_chk,     glibc,      early::poll_chk,            int(pollfd*, nfds_t, int, size_t)) \
    row(ppoll,          ever,       early::ppoll,               int(pollfd*, nfds_t, const timespec*, const sigset_t*)) \
    row(__ppoll_chk,    glibc,      early::ppoll_chk,           int(pollfd*, nfds_t, const timespec*, const sigset_t*, size_t)) \
    row(select,         ever,       early::select,              int(int, fd_set*, fd_set*, fd_set*, timeval*)) \
    row(pselect,        ever,       early::pselect,             int(int, fd_set*, fd_set*, fd_set*, const timespec*, const sigset_t*)) \
    row(epoll_wait,     ever,       early::epoll_wait,          int(int, epoll_event*, int, int)) \
    row(epoll_pwait,    ever,       early::epoll_pwait,         int(int, epoll_event*, int, int, const sigset_t*)) \
    row(epoll_pwait2,   glibc_2_35, early::epoll_pwait2,        int(int, epoll_event*, int, const timespec*, const sigset_t*)) \
    row(fdopen,         ever,       early::fdopen,              FILE*(int, const char*)) \
    row(fclose,         ever,       early::fclose,              int(FILE*)) \
    row(freopen,        ever,       early::freopen,             FILE*(const char*, const char*, FILE*)) \
    row(freopen64,      ever,       early::freopen64,           FILE*(const char*, const char*, FILE*)) \
    row(fcloseall,      glibc,      early::fcloseall,           int()) \
    row(syscall,        ever,       early::system_call,         long(long, long, long, long, long, long, long))

#define LASTCALL_NEXT(symbol, since, early, signature) \
    inline constinit Next<signature> symbol{early};
LASTCALL_SYMBOLS(LASTCALL_NEXT)
#undef LASTCALL_NEXT
// clang-format on

// Looks all of them up, once. Allocates only if a row's Since is wrong.
void find_all();

// Is the copy of the library that the process's lookups reach first this one?
[[nodiscard]] bool first_of_its_kind();

}  // namespace lastcall::next

// The one exported name that is not libc's: tells a second copy of the library that it is second.
extern "C" {
[[gnu::visibility("default")]] extern const char lastcall_guest[9];
}
