// The write of a server into which our frame goes: in one call with the server's bytes, before its
// next frame where one of anybody's may stand. The output is claimed when these are called, and
// free when they return.
#pragma once

#include "../calls.hpp"
#include "../table.hpp"

namespace lastcall::telling {

// Bytes or a list, such as the kernel would look at; the server is told of its own bytes only.
[[nodiscard]] ssize_t transmit(Slot slot, int fd, const Offered& out, int flags, Call call);

// The server's call as it is.
[[nodiscard]] ssize_t verbatim(Slot slot, int fd, const Offered& out, Call call);

}  // namespace lastcall::telling
