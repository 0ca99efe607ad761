// A connection that turns out not to speak HTTP/1.1, or not any longer: does it speak HTTP/2? What
// was understood so far is HTTP/1.1's; what comes then is followed as frames, or not at all.
#pragma once

#include "calls.hpp"
#include "table.hpp"

namespace lastcall::switching {

// The kernel has taken bytes of the server's that are no response: from `rest` on. They are frames
// perhaps, where the server speaks first or has switched protocols; otherwise the connection is
// opaque for this reason. The output is claimed.
[[gnu::cold]] void by_server(Slot slot, int fd, Bytes rest, Opaque reason);
// The same, of `size` bytes those from `start` on.
[[gnu::cold]] void by_server(Slot slot, int fd, Buffers out, std::size_t start, std::size_t size,
                             Opaque reason);

// Of `size` bytes that the server has read, those from `start` on are behind the first ones of
// HTTP/2's preface. The input is claimed.
[[gnu::cold]] void by_client(Slot slot, int fd, Buffers in, std::size_t start, std::size_t size);

// So many bytes have been read while the server, on another thread, sent frames already. The input
// is claimed. Returns what the server may have of them.
[[nodiscard, gnu::cold]] ssize_t read_late(Slot slot, Buffers in, std::size_t size);

}  // namespace lastcall::switching
