// A write of the server from the moment the last exchange has been picked: sent in batches that the
// desk plans, and accounted for to the server in bytes of its own.
#pragma once

#include "../calls.hpp"
#include "../table.hpp"

#include <optional>

namespace lastcall {

// call: the server's own, made if nothing is to be edited after all. unreadable: what is done if
// the first of the bytes that have to be looked into cannot be read. None: the connection has
// switched to HTTP/2 meanwhile, and nothing has been done.
[[nodiscard]] std::optional<ssize_t> edited_write(Slot slot, int fd, Buffers offered, int flags,
                                                  Call call, Call unreadable);

}  // namespace lastcall
