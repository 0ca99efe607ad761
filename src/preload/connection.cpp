// What becomes of a connection when it is let go of: out of the way of those that are followed.

#include "connection.hpp"

#include "status.hpp"
#include "table.hpp"

namespace lastcall {

void turn_opaque(Slot slot, Opaque reason) {
    if (slot.connection().life.turn_opaque(slot.generation(), reason)) status::add(reason);
}

void Connection::turn_opaque(Opaque reason) { lastcall::turn_opaque(Slot(*this), reason); }

bool claim_late(Slot slot, Direction& direction) {
    const Direction::Awaited awaited = direction.await(slot.generation());
    if (awaited == Direction::Awaited::stuck) turn_opaque(slot, Opaque::overlap);
    return awaited == Direction::Awaited::claimed;
}

}  // namespace lastcall
