// Made by system calls that libc could not have under old symbol versions, kept by no descriptor.

#include "status.hpp"

#include "calls.hpp"
#include "owner.hpp"
#include "raw.hpp"
#include "sweeping.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <charconv>
#include <csignal>
#include <cstring>
#include <new>

namespace lastcall::status {

constinit std::atomic<Page*> page = nullptr;

namespace {

// Text of a fixed room; what does not fit is left out.
struct Text {
    std::array<char, 256> bytes{};
    std::size_t size = 0;

    void add(Bytes text) {
        const std::size_t room = bytes.size() - 1 - size;
        std::memcpy(bytes.data() + size, text.data(), first(text, room).size());
        size += first(text, room).size();
    }
    void add(std::uint64_t number) {
        std::array<char, 20> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        add(Bytes{digits.data(), static_cast<std::size_t>(end - digits.data())});
    }
};

// Field 22 of /proc/self/stat, counted behind the command's name, which may hold anything; 0 if it
// cannot be had.
std::uint64_t start_time() {
    std::array<char, 512> text;
    const long fd = raw::call(SYS_openat, AT_FDCWD, "/proc/self/stat", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    const long size = raw::call(SYS_read, fd, text.data(), text.size());
    raw::call(SYS_close, fd);
    Bytes rest{text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
    rest = from(rest, rest.rfind(')'));
    for (int field = 2; field < 22; ++field) rest = from(rest, rest.find(' ') + 1);
    std::uint64_t start = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), start);
    return start;
}

// What is written at once is allocated before it is mapped: a hole on a full disk would be SIGBUS.
Page* map(long fd) {
    // Beyond the limit on a file's size the kernel would not only refuse, but raise SIGXFSZ.
    struct {
        std::uint64_t soft = 0;
        std::uint64_t hard = 0;
    } limit;
    constexpr int file_size = 1;  // RLIMIT_FSIZE
    if (raw::call(SYS_prlimit64, 0, file_size, 0, &limit) != 0 || limit.soft < page_size) {
        errno = EFBIG;
        return nullptr;
    }
    if (raw::call(SYS_ftruncate, fd, page_size) != 0 ||
        raw::call(SYS_fallocate, fd, 0, 0, step) != 0) {
        return nullptr;
    }
    void* const memory =
        mmap(nullptr, page_size, PROT_READ | PROT_WRITE, MAP_SHARED, static_cast<int>(fd), 0);
    return memory == MAP_FAILED ? nullptr : static_cast<Page*>(memory);
}

void fill_in(Page& made, const Settings& settings, std::uint64_t start) {
    made.magic = magic;
    made.version = version;
    made.size = sizeof(Page);
    made.pid = getpid();
    made.worker_count = static_cast<std::uint32_t>(made.workers.size());
    made.start = start;
    made.control.requests = settings.policy.requests;
    made.control.age = settings.policy.age;
    made.control.jitter = settings.policy.jitter;
    made.control.rate = settings.policy.rate;
    made.control.observe = settings.mode == Mode::observe ? 1 : 0;
    made.ready.store(1, std::memory_order_release);
}

// Locked before it is ready, and closed: the mapping keeps the lock, until the last one ends.
// Others may open it, where they are to, only then: nobody is to come in between with a lock of his
// own.
Page* make_page(const char* path, const Settings& settings, std::uint64_t start) {
    const long fd =
        raw::call(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return nullptr;
    Page* const made = map(fd);
    const int why = errno;
    if (made == nullptr) {
        raw::call(SYS_unlinkat, AT_FDCWD, path, 0);
    } else {
        raw::call(SYS_flock, fd, LOCK_SH | LOCK_NB);
        fill_in(*made, settings, start);
        // Whatever the umask: the operator has said so.
        if (settings.others != 0) raw::call(SYS_fchmod, fd, 0600 | settings.others);
    }
    raw::call(SYS_close, fd);
    errno = why;
    return made;
}

// The file is sparse, and where no memory is to be had any more a first write would be SIGBUS. What
// the kernel is asked to write there, as this thread's signal mask, is an error instead.
bool has_memory(Worker& worker) {
    return raw::call(SYS_rt_sigprocmask, SIG_BLOCK, 0, &worker.probe, sizeof worker.probe) == 0;
}

enum class Holder : std::uint8_t { nobody, dead };

bool take(Worker& worker, std::int32_t self, Holder allowed) {
    std::int32_t holder = 0;
    bool taken = worker.pid.compare_exchange_strong(holder, self);
    if (!taken && allowed == Holder::dead) {
        const bool dead = holder > 0 && holder != self && kill(holder, 0) != 0 && errno == ESRCH;
        taken = dead && worker.pid.compare_exchange_strong(holder, self);
    }
    if (!taken) return false;
    timespec time{};
    clock_gettime(CLOCK_BOOTTIME, &time);
    worker.taken = static_cast<std::uint64_t>(time.tv_sec) * 1000 +
                   static_cast<std::uint64_t>(time.tv_nsec) / 1'000'000;
    worker.open = 0;
    return true;
}

std::uint32_t take_place(Page& mapped) {
    const KeepErrno keep;
    const std::int32_t self = getpid();
    constexpr std::uint32_t shared = 0;
    // Only when no place is free are the holders looked at: that takes a system call each.
    for (const Holder allowed : {Holder::nobody, Holder::dead}) {
        for (std::size_t i = shared + 1; i < mapped.workers.size(); ++i) {
            if (begins_a_step(i) && !has_memory(mapped.workers[i])) break;
            if (take(mapped.workers[i], self, allowed)) {
                return static_cast<std::uint32_t>(i + 1);
            }
        }
    }
    return shared + 1;
}

}  // namespace

bool make(const Settings& settings) {
    const std::uint64_t start = start_time();
    sweep(settings.status.data());
    Text path;
    path.add(Bytes(settings.status.data()));
    path.add("/");
    path.add(file_prefix);
    path.add(static_cast<std::uint64_t>(getpid()));
    path.add("-");
    path.add(start);
    Page* made = make_page(path.bytes.data(), settings, start);
    if (made == nullptr && errno == EEXIST) {
        // This process before it exec'ed itself: nobody else has its pid and start time.
        raw::call(SYS_unlinkat, AT_FDCWD, path.bytes.data(), 0);
        made = make_page(path.bytes.data(), settings, start);
    }
    if (made == nullptr) return false;
    page.store(made, std::memory_order_release);
    return true;
}

Policy policy(const Page& mapped) {
    const Control& control = mapped.control;
    const auto read = [](const Word& word) { return word.load(std::memory_order_relaxed); };
    // The start is written last, so the ramp is read behind it.
    const Moment drain_start = control.drain_start.load(std::memory_order_acquire);
    return {read(control.requests),
            read(control.age),
            read(control.jitter),
            read(control.rate),
            {drain_start, read(control.drain_ramp)}};
}

std::uint32_t first_due_in_detail(const Page& mapped) {
    return lastcall::first_due(policy(mapped));
}

std::uint32_t own_place(Page& mapped) {
    std::atomic<std::uint32_t>& place = owner::place();
    std::uint32_t number = place.load(std::memory_order_relaxed);
    if (number != 0) [[likely]]
        return number;
    const std::uint32_t taken = take_place(mapped);
    if (place.compare_exchange_strong(number, taken)) return taken;
    // Another thread was first; nothing has been counted in ours yet.
    if (taken != number && taken != 1) mapped.workers[taken - 1].pid = 0;
    return number;
}

Worker& own(Page& mapped) { return mapped.workers[own_place(mapped) - 1]; }

void add(Opaque reason) {
    if (Page* const mapped = current(); mapped != nullptr) {
        own(*mapped).counters.opaque[static_cast<std::size_t>(reason)].fetch_add(1);
    }
}

void add_ended(std::uint64_t exchanges) {
    Page* const mapped = current();
    if (mapped == nullptr) return;
    std::size_t place = 0;
    while (place < length_bounds.size() && exchanges > length_bounds[place]) ++place;
    Counters& counters = own(*mapped).counters;
    counters.ended[place].fetch_add(1, std::memory_order_relaxed);
    counters.ended_exchanges.fetch_add(exchanges, std::memory_order_relaxed);
}

void add(const Picked& picked) {
    if (picked.requests != 0) add(&Counters::last_requests, picked.requests);
    if (picked.age != 0) add(&Counters::last_age, picked.age);
    if (picked.drain != 0) add(&Counters::last_drain, picked.drain);
    if (picked.deferred != 0) add(&Counters::rate_deferred, picked.deferred);
}

void take_back(Trigger trigger) {
    constexpr std::uint64_t one_less = ~std::uint64_t{0};
    if (trigger == Trigger::requests) add(&Counters::last_requests, one_less);
    if (trigger == Trigger::age) add(&Counters::last_age, one_less);
    if (trigger == Trigger::drain) add(&Counters::last_drain, one_less);
}

}  // namespace lastcall::status
