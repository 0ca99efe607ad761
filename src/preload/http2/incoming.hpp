// What a server that speaks HTTP/2 reads: all of it is the server's, and followed.
#pragma once

#include "../calls.hpp"
#include "../table.hpp"

#include <optional>

namespace lastcall::incoming {

// Of a read on a connection that speaks HTTP/2; none: it does not any more by now, and what it has
// brought has been thrown away, or nothing was done.
using Answer = std::optional<ssize_t>;

// The usual read, of one buffer, has returned; before: where its bytes would begin. False: they are
// not the server's any more, and are gone.
[[nodiscard]] bool arrived(Slot slot, int fd, const void* to, ssize_t size, std::uint64_t before);

[[nodiscard]] Answer receive(Slot slot, int fd, const Buffers& in, int flags, Call call);
[[nodiscard]] Answer splice_from(Slot slot, std::size_t count, CountedCall call);

}  // namespace lastcall::incoming
