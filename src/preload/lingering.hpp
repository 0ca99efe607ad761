// The reads of a server that has had its last request. None of them may deliver what is behind it,
// and none may wait where the server's own would not have waited: what it would have returned is
// thrown away here. No direction is claimed.
#pragma once

#include "calls.hpp"
#include "table.hpp"

namespace lastcall::lingering {

// in: where to, if that is known before the call.
[[nodiscard]] ssize_t receive(Slot slot, int fd, const Buffers& in, int flags, Call call);

}  // namespace lastcall::lingering
