// What an address is worth, asked of the kernel before a server's bytes are read that the kernel
// has not read yet: a bad one is the server's EFAULT, not our crash. Knows pages, and no
// descriptor.
#pragma once

#include "calls.hpp"

namespace lastcall::memory {

// How many of the bytes from `start` on can be read, of at most `limit`: pages are asked about one
// by one, a system call each. All of them where the kernel does not say. Keeps errno.
[[nodiscard]] std::size_t readable(Buffers buffers, std::size_t start, std::size_t limit);
[[nodiscard]] bool readable(const void* from, std::size_t size);

// Sizes and addresses as memory can have them. Others are refused by the kernel, for most calls.
[[nodiscard]] bool possible(Buffers buffers);

}  // namespace lastcall::memory
