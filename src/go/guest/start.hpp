// What the assembly calls at the beginning, and what a launcher tells by it.
#pragma once

#include "../site.hpp"

#include <elf.h>

namespace lastcall::go {

// In the order in which the kernel's calls take words: rdi, rsi, rdx, rcx, r8, r9 on x86-64. All
// zero where there was no launcher.
struct Launch {
    std::int64_t helper = 0;  // a child that is about to exit; 0: there is none
    std::uint64_t count = 0;  // of the sites; 0: not looked for
    std::array<std::uint64_t, most_sites> places{};
    std::uint64_t restores_sigchld = 0;  // it was ignored for the launch only
};

}  // namespace lastcall::go

extern "C" {
// On the process's own stack: no errno, nothing that has been relocated.
void lastcall_go_relocate();
// Waits for the launcher's helper to be gone, which is a child that the program does not know of.
void lastcall_go_see_off(const lastcall::go::Launch* launch);
[[nodiscard]] std::uintptr_t lastcall_go_way_on(const void* stack);
// On a lent stack; 1 if the program is followed now, else 0.
[[nodiscard]] int lastcall_go_start(const void* stack, const lastcall::go::Launch* launch);
[[nodiscard]] int lastcall_go_loaded(const char* const* environment, const Elf64_auxv_t* auxiliary);
}
