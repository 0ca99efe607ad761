// Whose thread has not come back cannot say how many of its bytes the kernel took. But a server
// that writes again has seen all of them go, and then the kernel's counts say so. What it offered
// is still there: its call returns only by way of the claim that is held here.

#include "settling.hpp"

#include "http1/desk.hpp"
#include "http2/talk.hpp"
#include "kernel.hpp"
#include "memory.hpp"
#include "outlet.hpp"
#include "pool.hpp"
#include "switching.hpp"

#include <algorithm>

namespace lastcall {
namespace {

constexpr int tries = 8;  // the counts are two questions, and packets move between them

// The thread may also have been cancelled, or have jumped out of its call, and its memory be gone.
bool is_there(const Offered& out) {
    const std::size_t header = out.shape == Shape::message ? sizeof(msghdr) : sizeof(mmsghdr);
    if (out.shape >= Shape::message && !memory::readable(out.what, out.lists() * header)) {
        return false;
    }
    for (std::size_t i = 0; out.shape != Shape::bytes && i < out.lists(); ++i) {
        const Buffers list = out.list(i);
        if (!memory::readable(list.parts, list.count * sizeof(iovec))) return false;
    }
    return true;
}

bool settle_seen(Slot slot, int fd, const Offered& out, std::uint64_t taken) {
    if (!is_there(out) || out.size() != taken) return false;
    bool readable = true;
    out.walk(taken, [&](Bytes part) {
        readable = readable && memory::readable(part.data(), part.size());
        return part.size();
    });
    if (!readable) return false;
    account(slot, fd, out, static_cast<std::size_t>(taken));
    return true;
}

// A file may end before the count does; but not without an end of the response.
bool settle_unseen(Slot slot, int fd, const Offered& out, std::uint64_t taken) {
    const std::uint64_t countable = slot.connection().responses.countable();
    if (taken == 0 || (taken != out.count && taken != countable)) return false;
    account(slot, fd, out, static_cast<std::size_t>(taken));
    return true;
}

// To the thread that sits there, which has nothing more to do with it than to give it back.
void leave(Connection& connection, Desk& desk) {
    const bool working = !connection.responses.said_close() || desk.ahead > 0;
    Desk* const next = working ? pool::take_desk() : nullptr;
    if (next != nullptr) go_on(*next, desk);
    if (working && next == nullptr) connection.turn_opaque(Opaque::no_memory);
    connection.desk.store(next, std::memory_order_release);
    static_cast<void>(desk.leave_to_write());
}

// The whole of it, which was all that its write had to send.
bool settle_batch(Slot slot, int fd, std::uint64_t taken) {
    Connection& connection = slot.connection();
    Desk* const desk = connection.desk.load(std::memory_order_acquire);
    if (desk == nullptr || desk->writer() == 0) return false;
    if (taken == 0 || desk->size() != taken) return false;
    if (desk->start + desk->planned() != desk->offered.size()) return false;
    const auto size = static_cast<std::size_t>(taken);
    const Desk::Accepted accepted = desk->commit(connection.responses, connection.exchanges, size);
    outlet::count_sent(connection, size);
    const std::size_t end = desk->start + accepted.size;
    if (accepted.reason != Opaque::no) {
        switching::by_server(slot, fd, desk->offered, end - accepted.behind, end, accepted.reason);
    }
    outlet::conclude(slot, fd);
    leave(connection, *desk);
    return true;
}

bool settle_open(Slot slot, int fd) {
    Connection& connection = slot.connection();
    // Of a thread that came late to this memory, and will not account for it: it is nothing to this
    // connection, unless its bytes went this way.
    const bool stray = !connection.offer.is_of(slot.life());
    const Offered out = connection.offer.offered();
    for (int i = 0; i < tries; ++i) {
        const auto taken = kernel::uncounted(fd, connection);
        if (!taken) continue;
        const bool done = stray                        ? *taken == 0
                          : out.shape == Shape::unseen ? settle_unseen(slot, fd, out, *taken)
                          : out.shape == Shape::batch  ? settle_batch(slot, fd, *taken)
                                                       : settle_seen(slot, fd, out, *taken);
        if (done) {
            connection.offer.settle();
            return true;
        }
    }
    return false;
}

void follow(Slot slot, int fd, Bytes out) {
    Connection& connection = slot.connection();
    // What is ours is said, whatever the connection has become meanwhile: else it is said again.
    if (connection.life.facts().speaks_http2() || talk::is_saying(connection, out)) {
        return talk::follow_output(slot, fd, out);
    }
    if (!connection.followed()) return;
    Responses& responses = connection.responses;
    if (responses.pass_body(out.size())) return;
    if (responses.said_close()) return responses.follow_content(out, connection.exchanges);
    Bytes rest;
    const Opaque reason = responses.follow(out, connection.exchanges, rest);
    if (reason != Opaque::no) switching::by_server(slot, fd, rest, reason);
}

void follow_unseen(Connection& connection, std::size_t size) {
    if (connection.life.facts().speaks_http2()) {
        talk::follow_unseen(connection, size);
    } else if (size > connection.responses.countable()) {
        connection.turn_opaque(Opaque::unseen_bytes);
        connection.responses.let_go();
    } else {
        connection.responses.skip(size, connection.exchanges);
    }
}

}  // namespace

void account(Slot slot, int fd, const Offered& out, std::size_t size) {
    Connection& connection = slot.connection();
    outlet::count_sent(connection, size);
    if (out.shape == Shape::unseen) {
        follow_unseen(connection, size);
    } else {
        out.walk(size, [&](Bytes part) {
            follow(slot, fd, part);
            return part.size();
        });
    }
    if (!connection.life.facts().speaks_http2()) outlet::conclude(slot, fd);
}

bool settle(Slot slot, int fd) {
    Connection& connection = slot.connection();
    if (!connection.offer.open()) return true;
    if (slot.facts().opaque() == Opaque::overlap) return false;
    const KeepErrno keep;
    if (!outlet::claim(slot)) return false;
    const bool settled =
        !connection.offer.open() || (outlet::is_same(slot, fd) && settle_open(slot, fd));
    if (!settled) connection.turn_opaque(Opaque::overlap);
    outlet::release(slot);
    return settled;
}

}  // namespace lastcall
