// rt_sigprocmask(2) copies the set it is given before it looks at what to do with it: told to do
// nothing it knows, it answers EFAULT or EINVAL, and has changed nothing. It is in every list of
// allowed system calls, takes no descriptor, and needs no room.

#include "memory.hpp"

#include "raw.hpp"

#include <sys/syscall.h>

namespace lastcall::memory {
namespace {

constexpr std::uintptr_t page = 4096;
constexpr std::uintptr_t word = 8;  // bytes of the kernel's signal set

// The page last found readable is not asked about again.
bool page_readable(std::uintptr_t address, std::uintptr_t& known) {
    if (address < page) return false;  // null is no set, and so no question
    if (address / page == known) return true;
    constexpr long unknown = -1;
    const auto set = static_cast<long>(address & ~(word - 1));
    if (raw::kernel(SYS_rt_sigprocmask, unknown, set, 0, word) == -EFAULT) return false;
    known = address / page;
    return true;
}

// What is looked into: the pages that a head lies in, one by one, and of the rest the last.
bool pages_readable(const void* from, std::size_t size, std::uintptr_t& known) {
    if (size == 0) return true;
    constexpr std::size_t longest_head = 16 * page;
    const auto first = reinterpret_cast<std::uintptr_t>(from);
    for (std::size_t at = 0; at < size && at < longest_head; at += page) {
        if (!page_readable(first + at, known)) return false;
    }
    return page_readable(first + size - 1, known);
}

}  // namespace

bool readable(const void* from, std::size_t size) {
    std::uintptr_t known = 0;
    return pages_readable(from, size, known);
}

bool readable(Buffers buffers) {
    std::uintptr_t known = 0;
    if (!pages_readable(buffers.parts, buffers.count * sizeof(iovec), known)) return false;
    for (std::size_t i = 0; i < buffers.count; ++i) {
        if (!pages_readable(buffers.parts[i].iov_base, buffers.parts[i].iov_len, known))
            return false;
    }
    return true;
}

}  // namespace lastcall::memory
