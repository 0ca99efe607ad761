// What an address is worth, asked of the kernel before a server's bytes are read that the kernel
// has not read yet: a bad one is the server's EFAULT, not our crash. Knows pages, and no
// descriptor.
#pragma once

#include "calls.hpp"

namespace lastcall::memory {

// Can the buffers be read, by their first and last bytes, and the list of them? True where the
// kernel does not say. Keeps errno.
[[nodiscard]] bool readable(Buffers buffers);
[[nodiscard]] bool readable(const void* from, std::size_t size);

}  // namespace lastcall::memory
