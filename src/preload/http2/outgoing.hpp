// What a server that speaks HTTP/2 writes: its own call, followed once the kernel has taken the
// bytes; but for the one in which the client is told to go.
#pragma once

#include "../calls.hpp"
#include "../table.hpp"

#include <optional>

namespace lastcall::outgoing {

// Of a call on a connection that speaks HTTP/2; none: it does not any more, and nothing is done.
using Answer = std::optional<ssize_t>;

// A write with nothing about it that could not be said in another call of ours, or with something.
enum class Kind : std::uint8_t { plain, special };

[[nodiscard]] Answer transmit(Slot slot, int fd, const Offered& out, int flags, Kind kind,
                              Call call);
// Bytes that reach the socket unseen.
[[nodiscard]] Answer transmit_unseen(Slot slot, int fd, std::size_t count, CountedCall call);

// Before a close, or the end of the output: what is left of a frame of ours leaves, if it can.
void release(Slot slot, int fd);

}  // namespace lastcall::outgoing
