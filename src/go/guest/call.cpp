// A system call of Go's, on a stack that was lent to it; and which numbers are the guest's business
// at all.

#include "../../preload/patience.hpp"
#include "../../preload/system_call.hpp"
#include "lent_stack.hpp"

#include <sys/syscall.h>

namespace lastcall::go {
namespace {

// Known to the trampoline.
enum class Kind : std::uint8_t { not_ours, by_descriptor, by_command, ours };

constexpr std::size_t numbers = 512;

// By descriptor: the first word's, if it is a connection. By command: fcntl's, if it copies one.
// The others make or replace descriptors, or look at two.
constexpr std::array<Kind, numbers> all_kinds() {
    std::array<Kind, numbers> kinds{};
    for (const long number :
         {SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_recvfrom, SYS_sendto, SYS_sendmsg,
          SYS_sendmmsg, SYS_sendfile, SYS_close, SYS_connect, SYS_getpeername, SYS_shutdown}) {
        kinds[static_cast<std::size_t>(number)] = Kind::by_descriptor;
    }
    for (const long number :
         {SYS_accept, SYS_accept4, SYS_listen, SYS_socket, SYS_socketpair, SYS_dup, SYS_dup3,
          SYS_splice, SYS_recvmsg, SYS_recvmmsg, SYS_close_range}) {
        kinds[static_cast<std::size_t>(number)] = Kind::ours;
    }
    kinds[SYS_fcntl] = Kind::by_command;
#ifdef SYS_dup2
    kinds[SYS_dup2] = Kind::ours;
#endif
    return kinds;
}

}  // namespace
}  // namespace lastcall::go

extern "C" {
[[gnu::visibility("hidden")]] extern const std::array<lastcall::go::Kind, lastcall::go::numbers>
    lastcall_go_kinds;
constexpr std::array<lastcall::go::Kind, lastcall::go::numbers> lastcall_go_kinds =
    lastcall::go::all_kinds();
[[nodiscard]] long lastcall_go_call(const lastcall::surface::SystemCall* call);
}

// Answers as the kernel does. A thread of Go's never waits in a read: its runtime asks about all
// descriptors at once, and so it is one that waits for several.
long lastcall_go_call(const lastcall::surface::SystemCall* call) {
    using namespace lastcall;
    const std::uint32_t known = births.load(std::memory_order_relaxed);
    own_thread() = {.name = 0, .births_at_poll = known, .births_at_wait = known};
    const long result = surface::system_call(*call);
    return result == -1 ? -errno : result;
}
