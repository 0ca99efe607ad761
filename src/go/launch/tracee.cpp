// From one system call to the next. Signals are blocked meanwhile, so that none comes between;
// those that were sent are there when it runs on. No single steps: their trap is a signal that may
// come from elsewhere, too, and its being forced changes what the program does with it. (ptrace(2))

#include "tracee.hpp"

#include <sys/wait.h>
#include <cerrno>
#include <cstring>

namespace lastcall::go {
namespace {

// Of the request's argument and its data, what ptrace takes as pointers are words.
void* word(std::uint64_t value) { return reinterpret_cast<void*>(value); }

constexpr std::uint64_t mask_size = sizeof(std::uint64_t);  // of the kernel's signal set
constexpr std::uint64_t every_signal = ~std::uint64_t{0};
constexpr std::uint64_t below_stack = 16384;

bool is_event(int status, int event) { return status >> 8 == (SIGTRAP | event << 8); }
bool is_call_stop(int status) { return WSTOPSIG(status) == (SIGTRAP | 0x80); }
bool is_stop_event(int status) { return status >> 16 == PTRACE_EVENT_STOP; }
// Stopped as a job is. (With SIGTRAP it says that this is over, and is to be let run on.)
bool is_group_stop(int status) { return is_stop_event(status) && WSTOPSIG(status) != SIGTRAP; }
bool is_stop_signal(int status) { return status >> 8 == SIGSTOP; }

}  // namespace

std::optional<int> Tracee::wait() const {
    int status = 0;
    while (waitpid(process_, &status, __WALL) < 0) {
        if (errno != EINTR) return {};
    }
    if (!WIFSTOPPED(status)) return {};
    return status;
}

// What it stands before, with every signal held back.
bool Tracee::look() {
    stands_ = first_.read(process_) &&
              ptrace(PTRACE_GETSIGMASK, process_, mask_size, &blocked_) == 0 &&
              ptrace(PTRACE_SETSIGMASK, process_, mask_size, &every_signal) == 0;
    return stands_;
}

Become Tracee::wait_until_become() {
    bool become = false;
    for (;;) {
        const auto status = wait();
        if (!status) return Become::ended;
        // The call that it became so by has ended.
        if (become && is_call_stop(*status)) return look() ? Become::stands : Become::cannot;
        long signal = 0;
        auto on = become ? PTRACE_SYSCALL : PTRACE_CONT;
        if (is_event(*status, PTRACE_EVENT_EXEC)) {
            become = true;
            on = PTRACE_SYSCALL;
        } else if (is_group_stop(*status)) {
            on = PTRACE_LISTEN;
        } else if (!is_call_stop(*status) && !is_stop_event(*status)) {
            signal = WSTOPSIG(*status);
        }
        if (ptrace(on, process_, nullptr, signal) != 0) return Become::cannot;
    }
}

// To the beginning of its next call, or to that call's end. SIGSTOP alone cannot be held back: the
// process stops, and goes on when it is let go on.
bool Tracee::go_to_call_stop() const {
    long signal = 0;
    auto on = PTRACE_SYSCALL;
    for (;;) {
        if (ptrace(on, process_, nullptr, signal) != 0) return false;
        const auto status = wait();
        if (!status) return false;
        if (is_call_stop(*status)) return true;
        if (!is_stop_signal(*status) && !is_stop_event(*status)) return false;
        on = is_group_stop(*status) ? PTRACE_LISTEN : PTRACE_SYSCALL;
        signal = is_stop_signal(*status) ? SIGSTOP : 0;
    }
}

std::optional<long> Tracee::make_call(long number, const std::array<std::uint64_t, 6>& words) {
    Registers registers = first_;
    registers.call(instruction_, number, words);
    if (!registers.write(process_)) return {};
    if (!go_to_call_stop() || !go_to_call_stop() || !registers.read(process_)) return {};
    return registers.result();
}

// Far below its stack pointer, where nothing is yet and the kernel has given it room.
std::uint64_t Tracee::lend(const std::string& text) {
    const std::uint64_t place = (first_.stack() - below_stack) & ~std::uint64_t{15};
    if (text.size() >= below_stack / 2) return 0;
    for (std::size_t at = 0; at <= text.size(); at += sizeof(long)) {
        long part = 0;
        std::memcpy(&part, text.data() + at, std::min(text.size() - at, sizeof part));
        if (ptrace(PTRACE_POKEDATA, process_, word(place + at), part) != 0) return 0;
    }
    return place;
}

std::optional<std::string> Tracee::peek(std::uint64_t address, std::size_t size) const {
    std::string bytes(size, '\0');
    for (std::size_t at = 0; at < size; at += sizeof(long)) {
        errno = 0;
        const long part = ptrace(PTRACE_PEEKDATA, process_, word(address + at), nullptr);
        if (errno != 0) return {};
        std::memcpy(bytes.data() + at, &part, std::min(size - at, sizeof part));
    }
    return bytes;
}

void Tracee::set(const Registers& registers) {
    static_cast<void>(registers.write(process_));
    ptrace(PTRACE_SETSIGMASK, process_, mask_size, &blocked_);
}

void Tracee::make_ready() {
    if (stands_) set(first_);
}

void Tracee::make_ready(std::uint64_t instruction, const Launch& launch) {
    Registers registers = first_;
    registers.begin(instruction, launch);
    set(registers);
}

}  // namespace lastcall::go
