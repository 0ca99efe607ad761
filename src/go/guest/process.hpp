// What the kernel told the process at its start, for those parts of libc that answer from it.
#pragma once

#include "vdso.hpp"

#include <elf.h>

namespace lastcall::go {

struct Process {
    const char* const* environment = nullptr;  // ends with null
    const Elf64_auxv_t* auxiliary = nullptr;   // ends with AT_NULL
};
[[gnu::visibility("hidden")]] extern constinit Process process;

// Without a system call; null: not to be had.
[[gnu::visibility("hidden")]] extern constinit ClockGettime clock_gettime_of_kernel;

// From now on the process is that one.
void take_up(const Process& found);

// From where the kernel puts the arguments: argc, argv, null, environment, null, vector.
[[nodiscard]] Process read_process(const void* stack);
// 0 if the vector does not hold it. (getauxval(3))
[[nodiscard]] unsigned long auxiliary(const Process& of, unsigned long kind);

}  // namespace lastcall::go
