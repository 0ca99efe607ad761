// Reads TCP_INFO, and SIOCINQ or SIOCOUTQ. They are calls of their own, and packets move between
// them: a mismatch is believed only after a few tries. (tcp(7); Linux net/ipv4/tcp.c, tcp_get_info)

#include "kernel.hpp"

#include "calls.hpp"
#include "next.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <cstddef>
#include <cstring>

namespace lastcall::kernel {
namespace {

constexpr int so_cookie = 57;  // asm-generic/socket.h; absent from old headers
constexpr int tries = 8;

enum State { established = 1, syn_recv = 3, close = 7, close_wait = 8, last_ack = 9, closing = 11 };

struct Counts {
    bool asked = false;  // is it a TCP socket that answers?
    bool known = false;  // does the kernel keep them?
    int state = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t received = 0;
    std::uint64_t unread = 0;
    std::uint64_t queued = 0;  // sent, not acknowledged
};

int option(int fd, int level, int name) {
    int value = 0;
    socklen_t length = sizeof value;
    return getsockopt(fd, level, name, &value, &length) == 0 ? value : -1;
}

enum class Of : std::uint8_t { input, output, both };

Counts counts(int fd, Of direction) {
    tcp_info info{};
    socklen_t length = sizeof info;
    int unread = 0;
    int queued = 0;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return {};
    if (direction != Of::output && ioctl(fd, SIOCINQ, &unread) != 0) return {};
    if (direction != Of::input && ioctl(fd, SIOCOUTQ, &queued) != 0) return {};
    constexpr std::size_t needed = offsetof(tcp_info, tcpi_bytes_received) + sizeof(std::uint64_t);
    return {true,
            length >= needed,
            info.tcpi_state,
            info.tcpi_bytes_acked,
            info.tcpi_bytes_received,
            static_cast<std::uint64_t>(unread),
            static_cast<std::uint64_t>(queued)};
}

// The peer's FIN counts as a byte received, but is never read.
bool fin_received(int state) {
    return state == close_wait || state == last_ack || state == closing;
}

template <typename Check>
Proof proof(int fd, Of direction, Check check) {
    for (int i = 0; i < tries; ++i) {
        const Counts now = counts(fd, direction);
        if (now.asked && !now.known) return Proof::not_to_be_had;
        if (now.asked && check(now)) return Proof::given;
    }
    return Proof::refused;
}

}  // namespace

bool is_tcp(int fd) { return option(fd, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_TCP; }

std::uint64_t identity(int fd) {
    std::uint64_t value = 0;
    socklen_t length = sizeof value;
    if (getsockopt(fd, SOL_SOCKET, so_cookie, &value, &length) == 0) return value;
    struct stat status {};
    constexpr std::uint64_t no_cookie = std::uint64_t{1} << 63;  // cookies count from 1
    return raw::call(SYS_fstat, fd, &status) == 0 ? no_cookie | status.st_ino : 0;
}

std::uint16_t local_port(int fd) {
    sockaddr_in6 address{};  // the port of IPv4 lies in the same place
    socklen_t length = sizeof address;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
    return ntohs(address.sin6_port);
}

// SO_PEERNAME (28) wants the address's exact size.
int peer_name(int fd, sockaddr* address, socklen_t* length) {
    sockaddr_in6 name{};
    socklen_t size = sizeof name;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERNAME, &name, &size) != 0) {
        size = sizeof(sockaddr_in);
        if (getsockopt(fd, SOL_SOCKET, SO_PEERNAME, &name, &size) != 0) return -1;
    }
    const socklen_t room = *length;
    std::memcpy(address, &name, room < size ? room : size);
    *length = size;
    return 0;
}

bool is_untouched(int fd) {
    const auto untouched = [](const Counts& now) {
        const std::uint64_t fin = fin_received(now.state) ? 1 : 0;
        const bool connected = now.state == established || now.state == close_wait;
        return connected && now.acknowledged + now.queued == 0 && now.received - fin == now.unread;
    };
    return is_tcp(fd) && proof(fd, Of::both, untouched) == Proof::given;
}

bool same_socket(int fd, const Connection& connection) {
    return connection.identity == identity(fd);
}

Proof prove_output(int fd, const Connection& connection, Writers writers) {
    return proof(fd, Of::output, [&](const Counts& now) {
        const bool writing = writers == Writers::perhaps && connection.offer.open();
        const std::uint64_t sent = connection.sent.load(std::memory_order_acquire);
        const std::uint64_t passed = now.acknowledged + now.queued;
        // Our own FIN counts as a byte, once it has gone.
        const bool fin = connection.is(Fact::torn_down) && passed == sent + 1;
        // Another thread's write may have moved bytes that it has not yet counted.
        return passed == sent || fin || (writing && passed > sent);
    });
}

Proof prove_input(int fd, const Connection& connection) {
    return proof(fd, Of::input, [&](const Counts& now) {
        const std::uint64_t taken = connection.taken.load(std::memory_order_relaxed);
        const std::uint64_t read = now.received - now.unread;
        if (fin_received(now.state)) return read == taken + 1;
        // Closed in both directions: by FIN, or by a reset, which counts for nothing.
        return read == taken || (now.state == close && read == taken + 1);
    });
}

std::optional<std::uint64_t> uncounted(int fd, const Connection& connection) {
    const Counts now = counts(fd, Of::output);
    const std::uint64_t sent = connection.sent.load(std::memory_order_relaxed);
    const std::uint64_t passed = now.acknowledged + now.queued;
    if (!now.asked || !now.known || passed < sent) return {};
    return passed - sent;
}

bool half_closed(int fd) { return counts(fd, Of::input).state == close_wait; }

int unacknowledged(int fd) {
    int queued = 0;
    return ioctl(fd, SIOCOUTQ, &queued) == 0 ? queued : 0;
}

// A socket that is not established any more may have an error to tell, which our own call would
// take from the server.
bool is_still(int fd, const Connection& connection) {
    const Counts now = counts(fd, Of::both);
    return now.known && now.state == established && now.unread == 0 && now.queued == 0 &&
           now.received == connection.taken.load(std::memory_order_relaxed) &&
           now.acknowledged == connection.sent.load(std::memory_order_relaxed);
}

bool has_unread(int fd) {
    int unread = 0;
    return ioctl(fd, SIOCINQ, &unread) == 0 && unread > 0;
}

bool peeks_ahead(int fd) { return option(fd, SOL_SOCKET, SO_PEEK_OFF) >= 0; }

bool blocks(int fd, int flags) {
    if ((flags & MSG_DONTWAIT) != 0) return false;
    const int status = next::fcntl(fd, F_GETFL, 0);
    return status >= 0 && (status & O_NONBLOCK) == 0;
}

int receive_timeout(int fd) {
    timeval limit{};
    socklen_t length = sizeof limit;
    if (getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, &length) != 0) return -1;
    constexpr int longest = 1'000;  // seconds
    if (limit.tv_sec >= longest) return longest * 1000;
    const auto milliseconds = static_cast<int>(limit.tv_sec * 1000 + (limit.tv_usec + 999) / 1000);
    return milliseconds == 0 ? -1 : milliseconds;
}

// The kernel's own sigaction begins so on all our machines; libc's has another shape in each. Libc
// keeps the first real-time signals to itself, and restarts after them. (signal(7))
bool restarts_reads(int fd) {
    struct {
        std::uintptr_t handler = 0;
        unsigned long flags = 0;
        std::uintptr_t rest[2] = {};
    } action;
    constexpr int last = 64;
    const KeepErrno keep;
    if (receive_timeout(fd) >= 0) return false;
    for (int number = 1; number <= last; ++number) {
        if (number == 32 || number == 33) continue;
        if (raw::kernel(SYS_rt_sigaction, number, 0, raw::word(&action), 8) != 0) continue;
        const bool handled = action.handler > 1;  // neither SIG_DFL nor SIG_IGN
        if (handled && (action.flags & SA_RESTART) == 0) return false;
    }
    return true;
}

}  // namespace lastcall::kernel
