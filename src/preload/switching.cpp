// Who may switch, and when. What the first frames really are, the conversation finds out.

#include "switching.hpp"

#include "http2/talk.hpp"
#include "outlet.hpp"
#include "settling.hpp"

namespace lastcall::switching {
namespace {

bool turn(Slot slot) {
    return slot.connection().life.turn_opaque(slot.generation(), Opaque::http2);
}

// A server that speaks first, or its 101.
bool may_switch(const Connection& connection, Bytes rest, Opaque reason) {
    if (!talk::may_begin_with(rest)) return false;
    if (reason == Opaque::upgrade) return !connection.is(Fact::discarded);
    const bool first = connection.exchanges.begun() == 0 && connection.responses.answered() == 0;
    return reason == Opaque::unsolicited && first && !rest.empty();
}

}  // namespace

void by_server(Slot slot, int fd, Bytes rest, Opaque reason) {
    Connection& connection = slot.connection();
    if (!may_switch(connection, rest, reason)) return connection.turn_opaque(reason);
    if (!turn(slot)) return;
    // It may have been picked as the last; then the choice that the streams inherit says so.
    connection.exchanges.put_off();
    // What reads behind that have met is not the end: there is none yet.
    connection.life.retract(slot.generation(), Fact::input_over);
    connection.life.retract(slot.generation(), Fact::ended);
    if (!rest.empty()) talk::follow_output(slot, fd, rest);
}

void by_server(Slot slot, int fd, Buffers out, std::size_t start, std::size_t size, Opaque reason) {
    if (start == size) return by_server(slot, fd, {}, reason);
    bool begun = false;
    out.walk(start, size - start, [&](Bytes part) {
        if (!begun)
            by_server(slot, fd, part, reason);
        else if (slot.facts().speaks_http2())
            talk::follow_output(slot, fd, part);
        begun = true;
        return part.size();
    });
}

void by_client(Slot slot, int fd, Buffers in, std::size_t start, std::size_t size) {
    Connection& connection = slot.connection();
    // Another thread may have sent the response that switches, and be late to account for it.
    if (connection.exchanges.begun() != 0) static_cast<void>(settle(slot, fd));
    if (!outlet::claim(slot)) return;
    const Facts facts = connection.life.facts();
    const bool fresh = facts.followed() && connection.exchanges.begun() == 0;
    if (facts.speaks_http2() || (fresh && turn(slot))) {
        Talk* talk = talk::of(connection);
        if (talk == nullptr) talk = talk::begin(connection);
        // Two threads have read at once, and the other's bytes were the preface, too.
        const bool begun = talk != nullptr && talk->conversation.input_begun();
        if (begun) talk::leave(connection, Opaque::overlap);
        if (talk != nullptr && !begun) talk::begin_input(connection, *talk);
    } else {
        connection.turn_opaque(Opaque::not_http);
    }
    outlet::release(slot);
    if (slot.facts().speaks_http2()) talk::follow_input(slot, in, start, size);
}

ssize_t read_late(Slot slot, Buffers in, std::size_t size) {
    talk::follow_input(slot, in, 0, size);
    return static_cast<ssize_t>(size);
}

}  // namespace lastcall::switching
