// The kernel's own library in every process, by which the time is read without a system call.
#pragma once

#include <time.h>

namespace lastcall::go {

using ClockGettime = int (*)(clockid_t clock, timespec* time);

// base: where the kernel put it (AT_SYSINFO_EHDR); 0: nowhere. Null if it has no such function.
// (vdso(7))
[[nodiscard]] ClockGettime find_clock_gettime(unsigned long base);

}  // namespace lastcall::go
