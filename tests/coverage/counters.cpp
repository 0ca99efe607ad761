// The covered library's own profile runtime: every process counts into one file, mapped shared.
// Clang's runtime writes when a process exits, by calls that are ours or that a host counts,
// forbids or never comes to: hosts are killed, leave by _exit, fork, and run under filters. This
// one makes four system calls when it is loaded and none after, so hosts behave as under the plain
// library. Increments that race may be lost; that a line was reached never is.

#include "../../src/preload/raw.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <cstdint>

extern "C" {
std::uint64_t* __llvm_profile_begin_counters();
std::uint64_t* __llvm_profile_end_counters();
// Added to a counter's address by every increment.
extern std::intptr_t __llvm_profile_counter_bias;
std::uint64_t __llvm_profile_get_size_for_buffer();
int __llvm_profile_write_buffer(char* buffer);
}

namespace {

using lastcall::raw::kernel;
using lastcall::raw::word;

constexpr long here = AT_FDCWD;

std::uint64_t counters_size() {
    return sizeof(std::uint64_t) * static_cast<std::uint64_t>(__llvm_profile_end_counters() -
                                                              __llvm_profile_begin_counters());
}

bool is_error(long answer) { return answer < 0 && answer >= -4095; }

// A file of so many bytes, shared; nullptr: it is not to be had.
std::uint64_t* map(const char* path, std::uint64_t size, long flags) {
    const long fd = kernel(SYS_openat, here, word(path), flags | O_CLOEXEC, 0666);
    if (is_error(fd)) return nullptr;
    kernel(SYS_ftruncate, fd, word(size));
    const long place = kernel(SYS_mmap, 0, word(size), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    kernel(SYS_close, fd);
    return is_error(place) ? nullptr : reinterpret_cast<std::uint64_t*>(place);
}

// First of all constructors. What has been counted before counts, too.
[[gnu::constructor(101)]] void share() {
    std::uint64_t* const shared = map(COUNTERS, counters_size(), O_RDWR);
    if (shared == nullptr) return;
    const std::uint64_t* own = __llvm_profile_begin_counters();
    for (std::uint64_t* to = shared; own != __llvm_profile_end_counters(); ++own) *to++ += *own;
    __llvm_profile_counter_bias = reinterpret_cast<std::intptr_t>(shared) -
                                  reinterpret_cast<std::intptr_t>(__llvm_profile_begin_counters());
}

}  // namespace

// What all processes have counted, as a profile for llvm-profdata. 0: it is written.
extern "C" [[gnu::visibility("default")]] int lastcall_write_profile(const char* path) {
    const std::uint64_t* shared = map(COUNTERS, counters_size(), O_RDWR);
    if (shared == nullptr) return 1;
    __llvm_profile_counter_bias = 0;
    std::uint64_t* own = __llvm_profile_begin_counters();
    while (own != __llvm_profile_end_counters()) *own++ = *shared++;
    std::uint64_t* const profile =
        map(path, __llvm_profile_get_size_for_buffer(), O_RDWR | O_CREAT | O_TRUNC);
    return profile == nullptr ? 1 : __llvm_profile_write_buffer(reinterpret_cast<char*>(profile));
}
