// System calls without libc: for calls that reach us before our constructor has run, and for the
// few that libc offers only under new symbol versions. Everything else goes through next, because
// a raw call is no cancellation point. The one file that knows the processor.
#pragma once

#include <cerrno>
#include <type_traits>

namespace lastcall::raw {

// The kernel's answer as it is: a negative errno is an error. (man 2 syscall, "Architecture calling
// conventions")
inline long kernel(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0,
                   long f = 0) {
#if defined(__x86_64__)
    long answer = number;
    register long r10 asm("r10") = d;
    register long r8 asm("r8") = e;
    register long r9 asm("r9") = f;
    asm volatile("syscall"
                 : "+a"(answer)
                 : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    return answer;
#elif defined(__aarch64__)
    register long x8 asm("x8") = number;
    register long x0 asm("x0") = a;
    register long x1 asm("x1") = b;
    register long x2 asm("x2") = c;
    register long x3 asm("x3") = d;
    register long x4 asm("x4") = e;
    register long x5 asm("x5") = f;
    asm volatile("svc 0"
                 : "+r"(x0)
                 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                 : "memory");
    return x0;
#else
#error "lastcall knows the system call convention of x86-64 and aarch64 only"
#endif
}

template <typename Argument>
long word(Argument argument) {
    if constexpr (std::is_pointer_v<Argument>)
        return reinterpret_cast<long>(argument);
    else
        return static_cast<long>(argument);
}

// Is the kernel's answer an error?
constexpr bool is_error(long answer) { return answer < 0 && answer >= -4095; }

// One for all calls, which are many and seldom fail.
[[gnu::cold, gnu::noinline]] inline long failed(long answer) {
    errno = static_cast<int>(-answer);
    return -1;
}

// As libc answers: -1 and errno.
template <typename... Arguments>
long call(long number, Arguments... arguments) {
    const long answer = kernel(number, word(arguments)...);
    return is_error(answer) ? failed(answer) : answer;
}

}  // namespace lastcall::raw
