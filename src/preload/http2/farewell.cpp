// A list in the order in which they are to be looked at; one thread at a time goes through it, and
// who finds it there goes on with its own work.

#include "farewell.hpp"

#include "../calls.hpp"
#include "../kernel.hpp"
#include "../outlet.hpp"
#include "../owner.hpp"
#include "../pool.hpp"
#include "../raw.hpp"
#include "../status.hpp"
#include "talk.hpp"

#include <sys/syscall.h>

namespace lastcall::farewell {

constinit std::atomic<Moment> next_look = 0;

namespace {

constexpr Moment pause = 1000;  // a round trip to anywhere, and a few queues
constexpr int most = 4;         // in one call of the server's

// The queue, touched only by the process whose number is in `busy`.
constinit std::atomic<std::int32_t> busy = 0;
constinit pool::Told* oldest = nullptr;
constinit pool::Told* newest = nullptr;

void append(pool::Told& told) {
    told.after = nullptr;
    (oldest == nullptr ? oldest : newest->after) = &told;
    newest = &told;
}

pool::Told* first_due(Moment now) {
    pool::Told* const told = oldest;
    if (told == nullptr || told->due > now) return nullptr;
    oldest = told->after;
    return told;
}

// A fork child has its parent's queue, perhaps as some thread was changing it: it begins its own.
bool enter() {
    const std::int32_t self = owner::self();
    std::int32_t holder = 0;
    if (busy.compare_exchange_strong(holder, self)) return true;
    if (holder == self || !busy.compare_exchange_strong(holder, self)) return false;
    oldest = newest = nullptr;
    return true;
}

// The earlier of what is known and this.
void look_at_latest(Moment due) {
    Moment known = next_look.load(std::memory_order_relaxed);
    while (known == 0 || known > due) {
        if (next_look.compare_exchange_weak(known, due)) return;
    }
}

// Says the last word, with FIN in the same segment. No cancellation point may be met here, with
// both directions claimed.
bool finish(Slot slot, int fd, Talk& talk) {
    const Bytes last = talk.conversation.finish();
    Connection& connection = slot.connection();
    constexpr int flags = MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE;
    const long sent =
        raw::kernel(SYS_sendto, fd, raw::word(last.data()), static_cast<long>(last.size()), flags);
    if (sent <= 0) return false;
    // From here on the connection is as behind a last response.
    outlet::count_sent(connection, static_cast<std::size_t>(sent));
    connection.life.state(slot.generation(), Fact::torn_down, Fact::said_close);
    raw::kernel(SYS_shutdown, fd, SHUT_WR);
    status::add(&status::Counters::http2_finished, 1);
    return true;
}

// Both directions are claimed; whoever closes the number waits for them between emptying its
// place in the table and the close. True: it is to be looked at again.
bool look_at(Slot slot, int fd) {
    Connection& connection = slot.connection();
    const bool ours = table::means(fd, slot) && connection.process.load() == owner::self();
    Talk* const talk = talk::of(connection);
    if (!ours || talk == nullptr || !connection.life.facts().speaks_http2()) return false;
    if (connection.is(Fact::ended)) return false;  // its client has gone: the server will see
    if (connection.offer.open()) return true;
    using Visit = http2::Conversation::Visit;
    const Visit visit = talk->conversation.visit();
    if (visit != Visit::finish) return visit == Visit::wait;
    if (!kernel::same_socket(fd, connection)) return false;
    return !kernel::is_still(fd, connection) || !finish(slot, fd, *talk);
}

bool look_at(const pool::Told& told) {
    const Slot slot(told.slot);
    Connection& connection = slot.connection();
    const std::uint16_t life = slot.generation();
    if (!connection.in.claim(life)) return connection.life.generation() == life;
    bool again = true;
    if (connection.out.claim(life)) {
        again = look_at(slot, told.fd);
        connection.out.release(life);
    }
    connection.in.release(life);
    return again;
}

}  // namespace

void add(Slot slot, int fd) {
    pool::Told* const told = pool::take_told();
    if (told == nullptr) return;
    told->slot = slot.bits();
    told->fd = fd;
    const Moment due = guest::now() + pause;
    told->due = due;
    pool::hand_in(*told);
    look_at_latest(due);
}

void count_left(Slot slot) {
    const Facts facts = slot.facts();
    const bool gone = facts.speaks_http2() && facts.is(Fact::ended);
    if (gone && talk::is_told(slot)) status::add(&status::Counters::http2_left, 1);
}

void look_round(Moment now) {
    const KeepErrno keep;
    if (!enter()) return;
    next_look = 0;  // who hands one in from here on says so anew
    pool::take_handed_in(append);
    for (int i = 0; i < most; ++i) {
        pool::Told* const told = first_due(now);
        if (told == nullptr) break;
        if (look_at(*told)) {
            told->due = now + pause;
            append(*told);
        } else {
            pool::give_back(*told);
        }
    }
    if (oldest != nullptr) look_at_latest(oldest->due);
    busy.store(0, std::memory_order_release);
}

}  // namespace lastcall::farewell
