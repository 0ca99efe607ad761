// The book-keeping of a write, done in another thread's place: a write that has not been accounted
// for when the next one comes, though the kernel has taken all of it.
#pragma once

#include "table.hpp"

namespace lastcall {

// The bytes that a call has taken are counted and followed; the output is claimed.
void account(Slot slot, int fd, const Offered& out, std::size_t size);

// Nobody's write is under way, or was and is accounted for. False: two threads write at once, and
// the connection is opaque. Keeps errno.
[[nodiscard]] bool settle(Slot slot, int fd);

}  // namespace lastcall
