// The stacks themselves: mapped at once, there only where they have been used.

#include "lent_stack.hpp"

#include "../../preload/raw.hpp"
#include "../as_if_without.hpp"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <new>

// Known to the trampoline: the tops of the first and of the last, and how many of them, less one,
// are looked at first. (More than processors, few enough to stay in the cache.)
extern "C" {
[[gnu::visibility("hidden")]] constinit lastcall::go::LentStack* lastcall_go_first_stack = nullptr;
[[gnu::visibility("hidden")]] constinit lastcall::go::LentStack* lastcall_go_last_stack = nullptr;
[[gnu::visibility("hidden")]] extern const std::uint32_t lastcall_go_homes;
const std::uint32_t lastcall_go_homes =
    (lastcall::go::stack_count < 64 ? lastcall::go::stack_count : 64) - 1;
[[nodiscard]] lastcall::go::LentStack* lastcall_go_prepare();
void lastcall_go_settle(int is_followed, lastcall::go::LentStack* stack);
}

namespace lastcall {

static_assert((go::stack_count & (go::stack_count - 1)) == 0, "a mask of homes");

go::LentStack& go::lent_stack() {
    std::uintptr_t here = 0;
#if defined(__x86_64__)
    asm("mov %%rsp, %0" : "=r"(here));
#elif defined(__aarch64__)
    asm("mov %0, sp" : "=r"(here));
#endif
    const std::uintptr_t begin = here & ~(stack_size - 1);
    return *reinterpret_cast<LentStack*>(begin + stack_size - sizeof(LentStack));
}

ThreadMemory& own_thread() { return go::lent_stack().thread; }

}  // namespace lastcall

using lastcall::go::LentStack;
using namespace lastcall;

namespace {

// One more, for they begin at multiples of their size.
constexpr std::size_t room = go::stack_size * (go::stack_count + 1);
constinit long memory = 0;

}  // namespace

// The first of them, taken; null if there is no memory. Runs on a stack of the process, so there is
// no errno.
LentStack* lastcall_go_prepare() {
    memory = raw::kernel(SYS_mmap, 0, room, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory < 0) {
        constexpr char line[] = LASTCALL_GO_AS_IF_WITHOUT "there is no memory\n";
        raw::kernel(SYS_write, 2, raw::word(line), sizeof line - 1);
        return nullptr;
    }
    const auto begin =
        (static_cast<std::uintptr_t>(memory) + go::stack_size - 1) & ~(go::stack_size - 1);
    const auto top = [&](std::size_t number) {
        return reinterpret_cast<LentStack*>(begin + (number + 1) * go::stack_size -
                                            sizeof(LentStack));
    };
    lastcall_go_first_stack = top(0);
    lastcall_go_last_stack = top(go::stack_count - 1);
    lastcall_go_first_stack->taken = 1;
    return lastcall_go_first_stack;
}

// At the end of the beginning, on the process's stack again.
void lastcall_go_settle(int is_followed, LentStack* stack) {
    if (is_followed != 0) {
        stack->taken = 0;
    } else {
        raw::kernel(SYS_munmap, memory, room);
    }
}
