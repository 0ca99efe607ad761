// The registers of a system call, and of a process's first instruction. (syscall(2))

#include "registers.hpp"

namespace lastcall::go {

#if defined(__x86_64__)

void Registers::set_words(const std::array<std::uint64_t, 6>& words) {
    words_.rdi = words[0];
    words_.rsi = words[1];
    words_.rdx = words[2];
    words_.r8 = words[4];
    words_.r9 = words[5];
}

void Registers::call(std::uint64_t instruction, long number,
                     const std::array<std::uint64_t, 6>& words) {
    set_words(words);
    words_.r10 = words[3];
    words_.rax = static_cast<std::uint64_t>(number);
    words_.orig_rax = ~std::uint64_t{0};  // no call to be made again
    words_.rip = instruction;
}

void Registers::begin(std::uint64_t instruction, const Launch& launch) {
    set_words({static_cast<std::uint64_t>(launch.helper), launch.count, launch.places[0],
               launch.places[1], launch.places[2], launch.restores_sigchld});
    words_.rcx = launch.places[1];
    words_.orig_rax = ~std::uint64_t{0};
    words_.rip = instruction;
}

long Registers::result() const { return static_cast<long>(words_.rax); }
std::uint64_t Registers::stack() const { return words_.rsp; }
std::uint64_t Registers::instruction() const { return words_.rip; }

#elif defined(__aarch64__)

void Registers::set_words(const std::array<std::uint64_t, 6>& words) {
    for (std::size_t i = 0; i < words.size(); ++i) words_.regs[i] = words[i];
}

void Registers::call(std::uint64_t instruction, long number,
                     const std::array<std::uint64_t, 6>& words) {
    set_words(words);
    words_.regs[8] = static_cast<std::uint64_t>(number);
    words_.pc = instruction;
}

void Registers::begin(std::uint64_t instruction, const Launch& launch) {
    set_words({static_cast<std::uint64_t>(launch.helper), launch.count, launch.places[0],
               launch.places[1], launch.places[2], launch.restores_sigchld});
    words_.pc = instruction;
}

long Registers::result() const { return static_cast<long>(words_.regs[0]); }
std::uint64_t Registers::stack() const { return words_.sp; }
std::uint64_t Registers::instruction() const { return words_.pc; }

#endif

}  // namespace lastcall::go
