// The exported functions that make, copy and close descriptors. No decision is made here.

#include "surface.hpp"

#include <fcntl.h>
#include <cstdarg>

using namespace lastcall;

LASTCALL_EXPORT int accept(int fd, sockaddr* address, socklen_t* length) {
    return surface::accept([&] { return next::accept(fd, address, length); });
}

LASTCALL_EXPORT int accept4(int fd, sockaddr* address, socklen_t* length, int flags) {
    return surface::accept([&] { return next::accept4(fd, address, length, flags); });
}

LASTCALL_EXPORT int listen(int fd, int backlog) {
    return surface::listen(fd, [&] { return next::listen(fd, backlog); });
}

LASTCALL_EXPORT int socket(int family, int type, int protocol) {
    return surface::open([&] { return next::socket(family, type, protocol); });
}

LASTCALL_EXPORT int socketpair(int family, int type, int protocol, int* pair) {
    return surface::open_pair(pair, [&] { return next::socketpair(family, type, protocol, pair); });
}

LASTCALL_EXPORT int connect(int fd, const sockaddr* address, socklen_t length) {
    return surface::connect(fd, [&] { return next::connect(fd, address, length); });
}

LASTCALL_EXPORT int getpeername(int fd, sockaddr* address, socklen_t* length) {
    return surface::peer_name(fd, address, length,
                              [&] { return next::getpeername(fd, address, length); });
}

LASTCALL_EXPORT int shutdown(int fd, int how) {
    return surface::shut_down(fd, how, [&] { return next::shutdown(fd, how); });
}

LASTCALL_EXPORT int close(int fd) {
    return surface::forget_then(fd, [&] { return next::close(fd); });
}

LASTCALL_EXPORT int __close(int fd) {
    return surface::forget_then(fd, [&] { return next::__close(fd); });
}

LASTCALL_EXPORT int posix_close(int fd, int flags) {
    return surface::forget_then(fd, [&] { return next::posix_close(fd, flags); });
}

LASTCALL_EXPORT int close_range(unsigned low, unsigned high, int flags) {
    return surface::close_range(low, high, flags,
                                [&] { return next::close_range(low, high, flags); });
}

LASTCALL_EXPORT void closefrom(int low) {
    forget_range(low < 0 ? 0 : static_cast<unsigned>(low), ~0U);
    next::closefrom(low);
}

LASTCALL_EXPORT int dup(int fd) {
    return surface::duplicate(fd, [&] { return next::dup(fd); });
}

LASTCALL_EXPORT int dup2(int from, int to) {
    return surface::duplicate_over(from, to, [&] { return next::dup2(from, to); });
}

LASTCALL_EXPORT int __dup2(int from, int to) {
    return surface::duplicate_over(from, to, [&] { return next::__dup2(from, to); });
}

LASTCALL_EXPORT int dup3(int from, int to, int flags) {
    if ((flags & ~O_CLOEXEC) != 0) return next::dup3(from, to, flags);
    return surface::duplicate_over(from, to, [&] { return next::dup3(from, to, flags); });
}

// Every command takes one word or none (fcntl(2)); passing one along is what libc does, too.
#define LASTCALL_FCNTL(name)                                                                     \
    LASTCALL_EXPORT int name(int fd, int command, ...) {                                         \
        va_list rest;                                                                            \
        va_start(rest, command);                                                                 \
        const long argument = va_arg(rest, long);                                                \
        va_end(rest);                                                                            \
        return surface::control(fd, command, [&] { return next::name(fd, command, argument); }); \
    }

LASTCALL_FCNTL(fcntl)
LASTCALL_FCNTL(fcntl64)
LASTCALL_FCNTL(__fcntl)

LASTCALL_EXPORT FILE* fdopen(int fd, const char* mode) {
    lose_to_stdio(fd);
    return next::fdopen(fd, mode);
}

LASTCALL_EXPORT int fclose(FILE* stream) {
    forget_stream(stream);
    return next::fclose(stream);
}

LASTCALL_EXPORT FILE* freopen(const char* path, const char* mode, FILE* stream) {
    forget_stream(stream);
    return next::freopen(path, mode, stream);
}

LASTCALL_EXPORT FILE* freopen64(const char* path, const char* mode, FILE* stream) {
    forget_stream(stream);
    return next::freopen64(path, mode, stream);
}

LASTCALL_EXPORT int fcloseall() {
    forget_stdio();
    return next::fcloseall();
}
