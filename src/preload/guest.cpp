// Reads the settings while the environment is still whole: servers wipe it.

#include "guest.hpp"

#include "calls.hpp"
#include "descriptors.hpp"
#include "kernel.hpp"
#include "next.hpp"
#include "owner.hpp"
#include "status.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <time.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace lastcall::guest {
namespace {

// All zero until the constructor reads them, so that the set of ports takes no room in the file.
constinit Settings chosen{.mode = {}, .policy = {}, .ports = {}, .status = {}, .others = {}};
constinit std::atomic<bool> is_active = false;

// What to say, written down before the environment is wiped; empty: nothing.
constinit std::array<char, 256> complaint{};
constinit std::size_t complaint_size = 0;
constinit std::atomic<bool> is_server = false;

constinit Budget budget;
constinit std::optional<Terms> settled_terms;
constinit std::uint64_t chance = 0;  // the kernel's gift to every new process

// Which file descriptor 2 was before main.
struct File {
    dev_t device = 0;
    ino_t inode = 0;
    bool open = false;
};
constinit File error_output;

// libc's fstat has a symbol version newer than the ones we may need.
File error_output_now() {
    struct stat status {};
    if (raw::call(SYS_fstat, 2, &status) != 0) return {};
    return {status.st_dev, status.st_ino, true};
}

void append(Bytes text) {
    for (const char c : text) {
        if (complaint_size == complaint.size() - 1) return;
        complaint[complaint_size++] = c >= ' ' && c <= '~' ? c : '?';
    }
}

void complain(const Setting& setting, Bytes value) {
    append("lastcall: ");
    append(setting.variable);
    append("=\"");
    append(first(value, 40));
    append("\": expected ");
    append(setting.accepted);
    append("; the server runs without lastcall");
    complaint[complaint_size++] = '\n';
}

bool has_status() { return chosen.status[0] != '\0'; }

// False with a complaint written down if a value is bad.
bool read_settings() {
    chosen.policy = default_policy;
    for (const Setting& setting : settings_table()) {
        const char* const value = getenv(setting.variable);
        if (value == nullptr) continue;
        if (!setting.read(value, chosen)) {
            complain(setting, value);
            return false;
        }
        if (chosen.mode == Mode::off) return false;
    }
    return limits(chosen.policy) || has_status();
}

void complain_of_status() {
    append("lastcall: LASTCALL_STATUS=\"");
    append(first(Bytes(chosen.status.data()), 120));
    append("\": no status page can be made there; the server runs without one");
    complaint[complaint_size++] = '\n';
}

// A pipe that is full, or that nobody reads, gets nothing: the line is not worth a wait, let alone
// a SIGPIPE.
void write_to_error_output(Bytes text) {
    pollfd ready{2, POLLOUT, 0};
    const bool takes = next::poll(&ready, 1, 0) == 1 && ready.revents == POLLOUT;
    if (takes && !kernel::is_tcp(2)) next::write(2, text.data(), text.size());
}

void report() {
    if (complaint_size == 0) return;
    const File output = error_output_now();
    const bool unchanged = output.open && error_output.open &&
                           output.device == error_output.device &&
                           output.inode == error_output.inode;
    if (unchanged) write_to_error_output({complaint.data(), complaint_size});
}

// 0 if it is none.
std::uint32_t whole_number(Bytes text) {
    std::uint32_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && stop == end ? value : 0;
}

// How many descriptors a service manager passed, as sd_listen_fds(3) reads it: to this process, not
// to one whose environment this has inherited. More than so many are no connections. Asked of the
// kernel: another preload's getpid may come before that has been set up.
int from_manager() {
    constexpr std::uint32_t most = 256;
    const char* const count = getenv("LISTEN_FDS");
    const char* const process = getenv("LISTEN_PID");
    if (count == nullptr) return 0;
    const auto self = static_cast<std::uint32_t>(raw::call(SYS_getpid));
    if (process != nullptr && whole_number(process) != self) return 0;
    const std::uint32_t passed = whole_number(count);
    return passed <= most ? static_cast<int>(passed) : 0;
}

}  // namespace

constinit std::atomic<const Terms*> fixed_terms = nullptr;

// The loader drops preloads from privileged programs; one that has us all the same has us by an
// administrator's hand, who did not mean this.
void begin() {
    const auto* const random = reinterpret_cast<const void*>(getauxval(AT_RANDOM));
    if (random != nullptr) std::memcpy(&chance, random, sizeof chance);
    if (getauxval(AT_SECURE) != 0) return;
    error_output = error_output_now();
    if (!read_settings()) return;
    if (!has_status() && !timed(chosen.policy) && chosen.mode == Mode::on) {
        fixed_terms = &settled_terms.emplace(chosen.policy, 0, budget, false);
    }
    is_active.store(true, std::memory_order_release);
    adopt_inherited(from_manager());
}

bool has_something_to_say() { return complaint_size != 0; }

void say_at_once(Bytes text) { write_to_error_output(text); }

bool active() { return is_active.load(std::memory_order_relaxed); }

const Settings& settings() { return chosen; }

// Coarse is enough for limits in milliseconds, and costs no system call.
Moment now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return static_cast<Moment>(time.tv_sec) * 1000 + static_cast<Moment>(time.tv_nsec) / 1'000'000;
}

Terms changing_terms() {
    const status::Page* const page = status::current();
    const Policy policy = page == nullptr ? chosen.policy : status::policy(*page);
    const bool observe = page == nullptr ? chosen.mode == Mode::observe : status::observes(*page);
    const Moment time = timed(policy) || observe ? now() : 0;
    return {policy, time, budget, observe};
}

void give_back_grant() {
    std::optional<Terms> room;
    const Terms& now = terms(room);
    if (now.budget != nullptr) now.budget->give_back(now.policy.rate);
}

Standing newborn(std::uint64_t cookie) {
    // splitmix64's finish; the cookie differs from every other connection's.
    std::uint64_t bits = chance + cookie * 0x9e3779b97f4a7c15;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
    return {now(), static_cast<std::uint32_t>(bits >> 32)};
}

void becomes_server() {
    if (is_server.load(std::memory_order_relaxed) || is_server.exchange(true)) return;
    const KeepErrno keep;
    if (active() && has_status() && owner::is_this_process() && !status::make(chosen)) {
        complain_of_status();
    }
    report();
}

}  // namespace lastcall::guest
