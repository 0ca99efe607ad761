// A connection's part of the status page: that it is open, in which process, and its exchanges.
#pragma once

#include "connection.hpp"
#include "owner.hpp"
#include "status.hpp"

namespace lastcall {

void count_birth(Connection& connection);
void count_death(Connection& connection);

// The requests followed since the last time, once they are worth a visit to the page; and that the
// connection is this process's now, if it was a parent's before.
void count_exchanges(Connection& connection, status::Page& page);
// Is there something to say of it?
[[nodiscard]] inline bool worth_a_visit(const Connection& connection) {
    constexpr std::uint32_t many = 64;
    const std::uint32_t counted = connection.counted.load(std::memory_order_relaxed);
    return connection.exchanges.begun() - counted >= many || connection.exchanges.last() != 0 ||
           !connection.is(Fact::counted) ||
           connection.place.load(std::memory_order_relaxed) != owner::known_place();
}

inline void count_exchanges(Connection& connection) {
    status::Page* const page = status::current();
    if (page != nullptr && worth_a_visit(connection)) [[unlikely]]
        count_exchanges(connection, *page);
}

}  // namespace lastcall
