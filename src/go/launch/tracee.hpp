// A process that is stopped before its first instruction, and made to do system calls of ours.
// Whatever happens, it can be let go as it was.
#pragma once

#include "registers.hpp"

#include <csignal>
#include <optional>
#include <string>

namespace lastcall::go {

enum class Become : std::uint8_t {
    stands,  // another program, before its first instruction
    ended,   // the process is gone, or never became anything
    cannot   // the kernel refuses to let it be looked at
};

class Tracee {
public:
    // process: seized already, with events told of what it becomes (PTRACE_O_TRACEEXEC).
    explicit Tracee(pid_t process) : process_(process) {}

    [[nodiscard]] Become wait_until_become();

    // instruction: where a system call instruction stands in it.
    void call_by(std::uint64_t instruction) { instruction_ = instruction; }
    // The kernel's answer, as it is; empty if the process has gone.
    template <typename... Words>
    [[nodiscard]] std::optional<long> call(long number, Words... words) {
        return make_call(number, {static_cast<std::uint64_t>(words)...});
    }

    // A copy of the text in the process's memory, for as long as it is stopped: its address, or 0.
    [[nodiscard]] std::uint64_t lend(const std::string& text);
    // Empty if there is no such memory.
    [[nodiscard]] std::optional<std::string> peek(std::uint64_t address, std::size_t size) const;

    [[nodiscard]] const Registers& first() const { return first_; }

    // It runs on as soon as the caller has exited, and not before: from where it stood, or from
    // there.
    void make_ready();
    void make_ready(std::uint64_t instruction, const Launch& launch);

private:
    // Empty if it has ended.
    [[nodiscard]] std::optional<int> wait() const;
    [[nodiscard]] bool look();
    [[nodiscard]] bool go_to_call_stop() const;
    [[nodiscard]] std::optional<long> make_call(long number,
                                                const std::array<std::uint64_t, 6>& words);
    void set(const Registers& registers);

    pid_t process_;
    std::uint64_t instruction_ = 0;
    Registers first_;
    std::uint64_t blocked_ = 0;  // its signal mask
    bool stands_ = false;        // the two above are known
};

}  // namespace lastcall::go
