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

// Of the bytes of a view, those before the first page that cannot be read.
std::size_t readable_of(Bytes view, std::uintptr_t& known) {
    const auto first = reinterpret_cast<std::uintptr_t>(view.data());
    for (std::size_t at = 0; at < view.size(); at += page - (first + at) % page) {
        if (!page_readable(first + at, known)) return at;
    }
    return view.size();
}

}  // namespace

bool readable(const void* from, std::size_t size) {
    std::uintptr_t known = 0;
    return readable_of({static_cast<const char*>(from), size}, known) == size;
}

std::size_t readable(Buffers buffers, std::size_t start, std::size_t limit) {
    std::uintptr_t known = 0;
    return buffers.walk(start, limit, [&](Bytes part) { return readable_of(part, known); });
}

bool possible(Buffers buffers) {
    constexpr std::size_t most = std::size_t{1} << 47;  // of a process's addresses, or fewer
    std::size_t sum = 0;
    for (std::size_t i = 0; i < buffers.count; ++i) {
        const std::size_t size = buffers.parts[i].iov_len;
        const auto first = reinterpret_cast<std::uintptr_t>(buffers.parts[i].iov_base);
        if (size > most - sum || first + size < first) return false;
        sum += size;
    }
    return true;
}

}  // namespace lastcall::memory
