// The calls that the guest makes of the kernel itself, which no definition stands before: on fake
// descriptors a filter traps them, and the handler answers in the kernel's place; and the clock.

#include "calls_kernel.hpp"
#include "law.hpp"

#include "../../src/preload/next.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <array>
#include <cerrno>
#include <cstddef>

namespace lastcall::fake {

std::uint64_t moment = 1'000'000;

namespace {

struct Registers {
    long long* answer;
    std::array<long long, 4> words;
};

Registers registers(ucontext_t& context) {
#if defined(__x86_64__)
    auto& all = context.uc_mcontext.gregs;
    return {&all[REG_RAX], {all[REG_RDI], all[REG_RSI], all[REG_RDX], all[REG_R10]}};
#else
    auto* const all = reinterpret_cast<long long*>(context.uc_mcontext.regs);
    return {&all[0], {all[0], all[1], all[2], all[3]}};
#endif
}

void answer(int, siginfo_t* signal, void* context) {
    const int kept = errno;
    const Registers all = registers(*static_cast<ucontext_t*>(context));
    const auto fd = static_cast<int>(all.words[0]);
    long result = -1;
    if (signal->si_syscall == SYS_shutdown) {
        result = next::shutdown(fd, static_cast<int>(all.words[1]));
    } else {
        result = next::send(fd, reinterpret_cast<const void*>(all.words[1]),
                            static_cast<std::size_t>(all.words[2]), static_cast<int>(all.words[3]));
    }
    *all.answer = result < 0 ? -errno : result;
    errno = kept;
}

}  // namespace

void catch_raw_calls() {
    struct sigaction action {};
    action.sa_sigaction = answer;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    law(sigaction(SIGSYS, &action, nullptr) == 0);
    constexpr auto load = BPF_LD | BPF_W | BPF_ABS;
    constexpr auto equal = BPF_JMP | BPF_JEQ | BPF_K;
    constexpr auto at_least = BPF_JMP | BPF_JGE | BPF_K;
    std::array<sock_filter, 8> program{{
        BPF_STMT(load, offsetof(seccomp_data, nr)),
        BPF_JUMP(equal, SYS_sendto, 1, 0),
        BPF_JUMP(equal, SYS_shutdown, 0, 4),
        BPF_STMT(load, offsetof(seccomp_data, args)),
        BPF_JUMP(at_least, first_number, 0, 2),
        BPF_JUMP(at_least, first_number + numbers, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    }};
    const sock_fprog filter{program.size(), program.data()};
    law(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    law(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
}

}  // namespace lastcall::fake

// The coarse clock is the guest's; all others are whoever's.
extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
    using namespace lastcall;
    if (clock != CLOCK_MONOTONIC_COARSE) {
        return static_cast<int>(raw::call(SYS_clock_gettime, clock, time));
    }
    time->tv_sec = static_cast<time_t>(fake::moment / 1000);
    time->tv_nsec = static_cast<long>(fake::moment % 1000 * 1'000'000);
    return 0;
}
