// Which behaviour a number names. Forwarded whole, with six words whatever the call takes, as libc
// does; the numbers below behave as their functions do.

#include "system_call.hpp"

#include "surface.hpp"

#include <fcntl.h>

namespace lastcall::surface {
namespace {

template <typename Pointer>
Pointer pointer(long word) {
    return reinterpret_cast<Pointer>(word);
}

int as_int(long word) { return static_cast<int>(word); }

unsigned as_unsigned(long word) { return static_cast<unsigned>(word); }

std::size_t as_size(long word) { return static_cast<std::size_t>(word); }

long move_messages(const SystemCall& call) {
    const auto forward = [&] { return call.forward(); };
    const int fd = as_int(call.a);
    switch (call.number) {
        case SYS_recvmsg:
            return receive_message(fd, pointer<msghdr*>(call.b), as_int(call.c), forward);
        case SYS_sendmsg:
            return transmit_message(fd, pointer<const msghdr*>(call.b), as_int(call.c), forward);
        case SYS_recvmmsg:
            return receive_messages(fd, pointer<mmsghdr*>(call.b), as_unsigned(call.c),
                                    as_int(call.d), pointer<timespec*>(call.e));
        case SYS_sendmmsg:
            return transmit_messages(fd, pointer<mmsghdr*>(call.b), as_unsigned(call.c),
                                     as_int(call.d));
        case SYS_sendfile:
            return send_file(fd, as_int(call.b), pointer<off_t*>(call.c), as_size(call.d),
                             [&](std::size_t count) { return call.forward_sendfile(count); });
        case SYS_splice:
            if (call.b != 0 || call.d != 0) return call.forward();
            return splice_pipe(fd, as_int(call.c), as_size(call.e), as_unsigned(call.f),
                               [&](std::size_t count) { return call.forward_splice(count); });
        default: return call.forward();
    }
}

// The same words, whatever the behaviour took them for.
constexpr auto forwarded = [](int, auto, auto, const SystemCall* call) {
    return static_cast<ssize_t>(call->forward());
};

// The calls that move bytes, in the words' places of the kernel's own prototypes.
long move_bytes(const SystemCall& call) {
    const int fd = as_int(call.a);
    const std::size_t size = as_size(call.c);
    switch (call.number) {
        case SYS_read: return receive<forwarded>(fd, pointer<void*>(call.b), size, 0, &call);
        case SYS_write:
            return transmit<forwarded>(fd, pointer<const void*>(call.b), size, 0, &call);
        case SYS_readv:
            return receive_vector<forwarded>(fd, pointer<const iovec*>(call.b), as_int(call.c),
                                             &call);
        case SYS_writev:
            return transmit_vector<forwarded>(fd, pointer<const iovec*>(call.b), as_int(call.c),
                                              &call);
        case SYS_recvfrom:
            return without_sender(
                fd, call.e == 0 ? nullptr : pointer<socklen_t*>(call.f), as_int(call.d),
                receive<forwarded>(fd, pointer<void*>(call.b), size, as_int(call.d), &call));
        case SYS_sendto:
            return transmit<forwarded>(fd, pointer<const void*>(call.b), size, as_int(call.d),
                                       &call);
        default: return move_messages(call);
    }
}

}  // namespace

long system_call(const SystemCall& call) {
    const auto forward = [&] { return call.forward(); };
    const int fd = as_int(call.a);
    switch (call.number) {
        case SYS_accept:
        case SYS_accept4: return accept(forward);
        case SYS_close: return forget_then(fd, forward);
        case SYS_connect: return connect(fd, forward);
        case SYS_close_range:
            return close_range(as_unsigned(call.a), as_unsigned(call.b), as_int(call.c), forward);
        case SYS_dup: return duplicate(fd, forward);
#ifdef SYS_dup2
        case SYS_dup2:
#endif
            return duplicate_over(fd, as_int(call.b), forward);
        case SYS_dup3:
            if ((as_int(call.c) & ~O_CLOEXEC) != 0) return forward();
            return duplicate_over(fd, as_int(call.b), forward);
        case SYS_fcntl: return control(fd, as_int(call.b), forward);
        case SYS_listen: return listen(fd, forward);
        case SYS_getpeername:
            return peer_name(fd, pointer<sockaddr*>(call.b), pointer<socklen_t*>(call.c), forward);
        case SYS_shutdown: return shut_down(fd, as_int(call.b), forward);
        case SYS_socket: return open(forward);
        case SYS_socketpair: return open_pair(pointer<const int*>(call.d), forward);
        default: return move_bytes(call);
    }
}

}  // namespace lastcall::surface
