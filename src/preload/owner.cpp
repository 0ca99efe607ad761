// The owner's process id lives in a page that fork wipes in the child (MADV_WIPEONFORK,
// Linux 4.14), so a child that finds 0 owns its copy. Older kernels copy the page; there a fork
// child counts as foreign until it accepts.

#include "owner.hpp"

#include "own_thread.hpp"
#include "raw.hpp"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>

namespace lastcall::owner {

constinit std::atomic<Owner*> page = nullptr;

namespace {

constexpr std::size_t page_size = 4096;
constinit Owner without_page{};                // should mmap fail
constinit std::atomic<bool> is_wiped = false;  // does fork wipe the page?
constexpr std::int32_t nameless = 0x7fffffff;  // larger than any thread's id

Owner* make_page() {
    const int kept = errno;
    void* const memory =
        mmap(nullptr, page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    Owner* made = &without_page;
    if (memory != MAP_FAILED) {
        is_wiped.store(madvise(memory, page_size, MADV_WIPEONFORK) == 0);
        made = static_cast<Owner*>(memory);
    }
    errno = kept;
    Owner* earlier = nullptr;
    if (page.compare_exchange_strong(earlier, made)) return made;
    if (memory != MAP_FAILED) munmap(memory, page_size);
    return earlier;
}

Owner& owner() {
    Owner* const known = page.load(std::memory_order_acquire);
    return known != nullptr ? *known : *make_page();
}

}  // namespace

bool is_this_process() {
    const pid_t self = getpid();
    pid_t stored = 0;
    return owner().id.compare_exchange_strong(stored, self) || stored == self;
}

std::int32_t find_self() { return is_this_process() ? getpid() : 0; }

std::atomic<std::uint32_t>& place() { return owner().place; }

// A fork child finds another process's name in its thread's memory. One word, since a signal may
// come at any time. Behind a filter that refuses the question, threads have no names and are taken
// to live.
std::int32_t thread() {
    std::uint64_t& name = own_thread().name;
    const auto process = static_cast<std::uint64_t>(is_wiped.load() ? self() : 0);
    if (process != 0 && name >> 32 == process) return static_cast<std::int32_t>(name);
    const long id = raw::kernel(SYS_gettid);
    if (id <= 0) return nameless;
    name = process << 32 | static_cast<std::uint64_t>(id);
    return static_cast<std::int32_t>(id);
}

bool thread_lives(std::int32_t thread) {
    return thread == nameless || raw::kernel(SYS_tgkill, getpid(), thread, 0) != -ESRCH;
}

void claim() {
    // Where fork does not wipe, the place is still the parent's.
    const pid_t self = getpid();
    const pid_t before = owner().id.exchange(self, std::memory_order_relaxed);
    if (before != self) owner().place.store(0, std::memory_order_relaxed);
}

}  // namespace lastcall::owner
