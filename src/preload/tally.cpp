// A forked worker inherits connections that its parent has counted as open. Which process has one
// is settled by who reads from it: the parent closes its copy, or neither counts it for long.

#include "tally.hpp"

namespace lastcall {
namespace {

void open_here(Connection& connection, status::Page& page) {
    const auto place = static_cast<std::uint16_t>(status::own_place(page));
    if (connection.place.exchange(place, std::memory_order_relaxed) == place) return;
    status::own(page).open.fetch_add(1, std::memory_order_relaxed);
}

// A close may come while a reader counts: what each adds makes up the whole, in whatever order.
void flush_exchanges(Connection& connection) {
    const std::uint64_t begun = connection.exchanges.begun();
    const std::uint64_t counted = connection.counted.exchange(static_cast<std::uint32_t>(begun));
    status::add(&status::Counters::exchanges, begun - counted);
}

// Not at birth: a cluster's primary accepts connections only to hand them on.
void count_connection(Connection& connection) {
    if (connection.state(Fact::counted)) status::add(&status::Counters::connections, 1);
}

}  // namespace

void count_birth(Connection& connection) {
    if (status::Page* const page = status::current(); page != nullptr) open_here(connection, *page);
}

void count_death(Connection& connection) {
    status::Page* const page = status::current();
    if (page == nullptr) return;
    // A parent's connection, and what it has counted of it, are the parent's.
    const std::uint32_t place = connection.place.load(std::memory_order_relaxed);
    if (place == 0 || place != owner::place().load(std::memory_order_relaxed)) return;
    flush_exchanges(connection);
    if (connection.asked.load(std::memory_order_relaxed)) count_connection(connection);
    if (connection.is(Fact::counted)) status::add_ended(connection.exchanges.begun());
    status::own(*page).open.fetch_sub(1, std::memory_order_relaxed);
}

void count_exchanges(Connection& connection, status::Page& page) {
    open_here(connection, page);
    count_connection(connection);
    flush_exchanges(connection);
}

}  // namespace lastcall
