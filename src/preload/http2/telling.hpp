// The write of a server into which our frame goes: in one call with the server's bytes, before its
// next frame where one of anybody's may stand. The output is claimed when these are called, and
// free when they return.
#pragma once

#include "../calls.hpp"
#include "../table.hpp"

namespace lastcall::telling {

// Bytes or a list, such as the kernel would look at; the server is told of its own bytes only.
[[nodiscard]] ssize_t transmit(Slot slot, int fd, const Offered& out, int flags, Call call);

// A write with something about it that belongs to one call (MSG_ZEROCOPY, ancillary data): that
// call is made for what comes before ours, or for all.
[[nodiscard]] ssize_t transmit_apart(Slot slot, int fd, const Offered& out, int flags, Call call);

// Bytes of ours alone, in a call of their own, if some are due: for what follows no other call will
// do. The output is claimed, and again when it returns true. False, with errno: they could not all
// go, and nothing may before them.
[[nodiscard]] bool say_alone(Slot slot, int fd, int flags);

// The server's call as it is.
[[nodiscard]] ssize_t verbatim(Slot slot, int fd, const Offered& out, Call call);

}  // namespace lastcall::telling
