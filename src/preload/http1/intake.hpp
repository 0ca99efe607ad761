// What bytes that have been read are: followed, and withheld from the server if they are behind its
// last request; or the request is not the last after all. The reader's direction is claimed.
#pragma once

#include "../calls.hpp"
#include "../guest.hpp"
#include "../table.hpp"
#include "../tally.hpp"

namespace lastcall::intake {

// What a read may tell the server it returned.
struct Arrival {
    ssize_t delivered;
    bool again;  // nothing: the read goes on
};

// The server's own, as far as it is of consequence.
struct ReadCall {
    int fd;
    int flags;
};

// Part of a body, or a whole request, and nothing more to see: how many of the bytes are that.
[[nodiscard, gnu::always_inline]] inline std::size_t glance(Connection& connection, Bytes in) {
    if (connection.requests.pass_body(in.size())) return in.size();
    const std::uint32_t first_due = guest::first_due();
    const std::size_t one = connection.requests.take_one(in, connection.exchanges, first_due);
    count_exchanges(connection);
    return one;
}

// So many bytes have been read, of which the first have been glanced at.
[[nodiscard]] Arrival judge(Slot slot, ReadCall by, Buffers in, std::size_t size,
                            std::size_t glanced);

// Bytes have come behind the last request of a server whose read would then have to wait, which it
// need not have done without us: the request is not the last after all, unless its response has
// begun or bytes are gone already. What had picked it; none: it is the last still.
[[nodiscard]] Trigger put_off(Slot slot);

}  // namespace lastcall::intake
