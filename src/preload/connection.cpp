// What becomes of a connection when it is let go of: out of the way of those that are followed.

#include "connection.hpp"

#include "status.hpp"
#include "table.hpp"

namespace lastcall {

void Connection::turn_opaque(Opaque reason) {
    Opaque still = Opaque::no;
    if (!opaque.compare_exchange_strong(still, reason)) return;
    status::add(reason);
}

bool claim_failed(Slot slot) {
    Connection& connection = slot.connection();
    if (connection.generation.load(std::memory_order_relaxed) == slot.generation()) {
        connection.turn_opaque(Opaque::overlap);
    }
    return false;
}

}  // namespace lastcall
