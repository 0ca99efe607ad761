// What the guest asks of libc, where there is none: these functions and no other. As libc's, but
// for what the guest never asks of them.

#include "../../preload/raw.hpp"
#include "lent_stack.hpp"
#include "process.hpp"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <cstdarg>
#include <cstdint>

// g++ would take the loops below for what they are, and have them call themselves.
#ifndef __clang__
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

using namespace lastcall;

// ---- What is the thread's ----

extern "C" int* __errno_location() noexcept { return &go::lent_stack().error; }

// ---- The process ----

extern "C" char* getenv(const char* name) noexcept {
    for (const char* const* entry = go::process.environment; *entry != nullptr; ++entry) {
        const char* in = *entry;
        const char* at = name;
        while (*at != '\0' && *at == *in) ++at, ++in;
        if (*at == '\0' && *in == '=') return const_cast<char*>(in + 1);
    }
    return nullptr;
}

extern "C" unsigned long getauxval(unsigned long kind) noexcept {
    return go::auxiliary(go::process, kind);
}

extern "C" pid_t getpid() noexcept { return static_cast<pid_t>(raw::kernel(SYS_getpid)); }

// ---- System calls ----

extern "C" int kill(pid_t process, int signal) noexcept {
    return static_cast<int>(raw::call(SYS_kill, process, signal));
}

extern "C" int getsockname(int fd, sockaddr* address, socklen_t* length) noexcept {
    return static_cast<int>(raw::call(SYS_getsockname, fd, address, length));
}

extern "C" int getsockopt(int fd, int level, int name, void* value, socklen_t* length) noexcept {
    return static_cast<int>(raw::call(SYS_getsockopt, fd, level, name, value, length));
}

extern "C" int ioctl(int fd, unsigned long request, ...) noexcept {
    va_list rest;
    va_start(rest, request);
    void* const argument = va_arg(rest, void*);
    va_end(rest);
    return static_cast<int>(raw::call(SYS_ioctl, fd, request, argument));
}

extern "C" off_t lseek(int fd, off_t offset, int whence) noexcept {
    return raw::call(SYS_lseek, fd, offset, whence);
}

extern "C" void* mmap(void* address, std::size_t size, int protection, int flags, int fd,
                      off_t offset) noexcept {
    return reinterpret_cast<void*>(
        raw::call(SYS_mmap, address, size, protection, flags, fd, offset));
}

extern "C" int munmap(void* address, std::size_t size) noexcept {
    return static_cast<int>(raw::call(SYS_munmap, address, size));
}

extern "C" int madvise(void* address, std::size_t size, int advice) noexcept {
    return static_cast<int>(raw::call(SYS_madvise, address, size, advice));
}

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
    if (go::clock_gettime_of_kernel != nullptr && go::clock_gettime_of_kernel(clock, time) == 0)
        [[likely]]
        return 0;
    return static_cast<int>(raw::call(SYS_clock_gettime, clock, time));
}

// ---- Bytes ----

extern "C" void* memcpy(void* to, const void* from, std::size_t size) noexcept {
    auto* out = static_cast<char*>(to);
    const auto* in = static_cast<const char*>(from);
    for (; size >= 8; size -= 8, out += 8, in += 8) {
        std::uint64_t word;
        __builtin_memcpy(&word, in, sizeof word);
        __builtin_memcpy(out, &word, sizeof word);
    }
    while (size-- > 0) *out++ = *in++;
    return to;
}

extern "C" void* memmove(void* to, const void* from, std::size_t size) noexcept {
    auto* const out = static_cast<char*>(to);
    const auto* const in = static_cast<const char*>(from);
    if (reinterpret_cast<std::uintptr_t>(out) - reinterpret_cast<std::uintptr_t>(in) >= size) {
        return memcpy(to, from, size);
    }
    while (size-- > 0) out[size] = in[size];
    return to;
}

extern "C" void* memset(void* to, int value, std::size_t size) noexcept {
    auto* out = static_cast<char*>(to);
    const auto byte = static_cast<unsigned char>(value);
    const std::uint64_t word = byte * std::uint64_t{0x0101010101010101};
    for (; size >= 8; size -= 8, out += 8) __builtin_memcpy(out, &word, sizeof word);
    while (size-- > 0) *out++ = static_cast<char>(byte);
    return to;
}

extern "C" int memcmp(const void* left, const void* right, std::size_t size) noexcept {
    const auto* a = static_cast<const unsigned char*>(left);
    const auto* b = static_cast<const unsigned char*>(right);
    for (; size > 0; --size, ++a, ++b) {
        if (*a != *b) return *a < *b ? -1 : 1;
    }
    return 0;
}

extern "C" void* memchr(const void* in, int value, std::size_t size) noexcept {
    const auto* at = static_cast<const unsigned char*>(in);
    for (; size > 0; --size, ++at) {
        if (*at == static_cast<unsigned char>(value)) return const_cast<unsigned char*>(at);
    }
    return nullptr;
}

extern "C" std::size_t strlen(const char* text) noexcept {
    std::size_t size = 0;
    while (text[size] != '\0') ++size;
    return size;
}
