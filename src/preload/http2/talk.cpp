// Which bytes are frames, and what the conversation's answers bring about.

#include "talk.hpp"

#include "../guest.hpp"
#include "../kernel.hpp"
#include "../outlet.hpp"
#include "../pool.hpp"
#include "../status.hpp"
#include "../tally.hpp"
#include "farewell.hpp"

namespace lastcall::talk {
namespace {

// Of a SETTINGS, which is a server's first frame, the first byte: none is as long as 65536.
constexpr char first_byte = '\0';

// What it is taken for, while it may be something else than HTTP/2 still.
Opaque otherwise(const http2::Conversation& conversation) {
    if (conversation.upgraded()) return Opaque::upgrade;
    return conversation.input_begun() ? Opaque::not_http : Opaque::unsolicited;
}

void leave_for(Connection& connection, Talk& talk, Opaque reason) {
    const bool certain = talk.conversation.certain();
    leave(connection, certain ? reason : otherwise(talk.conversation));
}

// A stream has opened. It counts, and may be the one at which the client is told.
[[gnu::noinline]] void ask(Talk& talk, std::uint32_t exchange, Picked& picked) {
    std::optional<Terms> room;
    talk.conversation.ask(guest::terms(room), exchange, picked);
    if (talk.conversation.sends_on()) status::add(&status::Counters::http2_sent_on, 1);
}

void take(Connection& connection, Talk& talk, Bytes in, Picked& picked) {
    const Opaque reason = talk.conversation.take(in, [&] {
        const std::uint32_t exchange = connection.exchanges.begun() + 1;
        connection.exchanges.begin_ordinary(exchange);
        if (!talk.conversation.choice().is_early(exchange, guest::first_due())) [[unlikely]]
            ask(talk, exchange, picked);
    });
    if (reason != Opaque::no) [[unlikely]]
        leave_for(connection, talk, reason);
}

// Behind the request that asked for the switch, or a PROXY header.
Bytes seek_preface(Connection& connection, Talk& talk, Bytes in) {
    const Requests::Intake intake = connection.requests.seek_preface(in);
    if (intake.reason == Opaque::http2) {
        begin_input(connection, talk);
        return from(in, intake.understood);
    }
    if (intake.reason != Opaque::no) leave_for(connection, talk, intake.reason);
    return {};
}

// The conversation's first bytes, or what may be these: of them, those that are frames.
[[gnu::noinline]] Bytes begin_with(Connection& connection, Bytes in) {
    Talk* talk = of(connection);
    if (talk == nullptr) talk = begin(connection);
    const bool followed = talk != nullptr && talk->fate == Opaque::no;
    return followed ? seek_preface(connection, *talk, in) : Bytes{};
}

void follow_part(Connection& connection, Bytes in, Picked& picked) {
    Talk* talk = of(connection);
    if (talk == nullptr || !talk->conversation.input_begun()) [[unlikely]] {
        in = begin_with(connection, in);
        talk = of(connection);
    }
    if (talk != nullptr && talk->fate == Opaque::no) [[likely]]
        take(connection, *talk, in, picked);
}

// What has been picked is told with the exchanges up to there.
void tell_page(Connection& connection, const Picked& picked) {
    status::Page* const page = status::current();
    if (page == nullptr) return;
    if (picked.any()) status::add(picked);
    if (picked.any() || worth_a_visit(connection)) count_exchanges(connection, *page);
}

void note_told(Slot slot, int fd, const Talk& talk) {
    using status::Counters;
    const Trigger trigger = talk.conversation.choice().picked();
    const auto by = trigger == Trigger::requests ? &Counters::http2_told_requests
                    : trigger == Trigger::age    ? &Counters::http2_told_age
                                                 : &Counters::http2_told_drain;
    status::add(by, 1);
    farewell::add(slot, fd);
}

void say(Slot slot, int fd, Talk& talk, std::size_t size) {
    Connection& connection = slot.connection();
    talk.conversation.say(size);
    if (talk.conversation.told()) note_told(slot, fd, talk);
    if (talk.fate != Opaque::no && !talk.conversation.is_cut()) leave(connection, talk.fate);
}

}  // namespace

bool is_told(Slot slot) {
    if (!outlet::claim(slot)) return false;
    const Talk* const talk = of(slot.connection());
    const bool told = talk != nullptr && talk->conversation.told();
    outlet::release(slot);
    return told;
}

Talk* begin(Connection& connection) {
    // Closed while a thread was inside a call on it: what that brings is nobody's any more, though
    // the memory may be its still.
    if (connection.references.none()) return nullptr;
    Talk* const talk = pool::take_talk();
    if (talk == nullptr) {
        leave(connection, Opaque::no_memory);
        return nullptr;
    }
    // The request that was answered by a switch of protocols is the first stream.
    if (connection.exchanges.begun() != 0) talk->conversation.begin_upgraded();
    connection.talk = talk->index + 1;
    return talk;
}

void begin_input(Connection& connection, Talk& talk) {
    talk.conversation.begin_input(RequestFollower::preface_taken);
    talk.conversation.begin_choice(connection.requests.choice());
    status::add(&status::Counters::http2_connections, 1);
}

bool may_begin_with(Bytes out) { return out.empty() || out[0] == first_byte; }

void follow_output(Slot slot, int fd, Bytes out) {
    Connection& connection = slot.connection();
    Talk* talk = of(connection);
    if (talk == nullptr && !may_begin_with(out)) return leave(connection, Opaque::upgrade);
    if (talk == nullptr) talk = begin(connection);
    if (talk == nullptr) return;
    if (talk->conversation.is_ours(out.data())) return say(slot, fd, *talk, out.size());
    follow_servers(connection, out);
}

void follow_servers(Connection& connection, Bytes out) {
    Talk* const talk = of(connection);
    if (talk == nullptr || talk->fate != Opaque::no) return;
    const Opaque reason = talk->conversation.follow(out);
    if (reason != Opaque::no) [[unlikely]]
        leave_for(connection, *talk, reason);
}

void follow_unseen(Connection& connection, std::size_t size) {
    Talk* const talk = of(connection);
    if (talk != nullptr && talk->fate != Opaque::no) return;
    if (talk == nullptr || size > talk->conversation.output().countable()) {
        return leave(connection, Opaque::unseen_bytes);
    }
    talk->conversation.skip_output(static_cast<std::uint32_t>(size));
}

void follow_input(Slot slot, Bytes in) {
    Connection& connection = slot.connection();
    if (!outlet::claim(slot)) return;
    Picked picked;
    if (connection.life.facts().speaks_http2()) [[likely]]
        follow_part(connection, in, picked);
    outlet::release(slot);
    tell_page(connection, picked);
}

void follow_input(Slot slot, Buffers in, std::size_t start, std::size_t size) {
    in.walk(start, size - start, [&](Bytes part) {
        follow_input(slot, part);
        return part.size();
    });
}

void follow_input_unseen(Connection& connection, std::size_t size) {
    Talk* const talk = of(connection);
    if (talk != nullptr && talk->fate != Opaque::no) return;
    if (talk == nullptr || size > talk->conversation.countable_input()) {
        return leave(connection, Opaque::unseen_bytes);
    }
    talk->conversation.skip_input(static_cast<std::uint32_t>(size));
}

// Ours goes out by what we know of this socket, or not at all.
bool may_say(Slot slot, int fd) { return outlet::is_same(slot, fd) && outlet::prove(slot, fd); }

// What is left of it, too, by whichever process comes first: a fork child goes on where its parent
// was.
bool may_go_on(Slot slot, int fd) {
    return outlet::is_same(slot, fd) && outlet::prove_position(slot, fd) != kernel::Proof::refused;
}

void leave(Connection& connection, Opaque reason) {
    Talk* const talk = of(connection);
    if (is_cut(connection)) {
        talk->fate = reason;
        return;
    }
    connection.turn_opaque(reason);
    connection.talk = 0;
    if (talk != nullptr) pool::give_back(*talk);
}

}  // namespace lastcall::talk
