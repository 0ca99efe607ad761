// Memory for connections and desks: mapped in slabs, given back to a list, never to the system, so
// a thread that comes late still finds a connection there, if not its own. No heap.
#pragma once

#include "connection.hpp"

namespace lastcall::pool {

// A connection new but for its identity, with one alias; null when memory or the pool is spent.
[[nodiscard]] Connection* take_connection();
void give_back(Connection& connection);

[[nodiscard]] Desk* take_desk();
void give_back(Desk& desk);

}  // namespace lastcall::pool
