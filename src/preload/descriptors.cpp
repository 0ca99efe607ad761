// Order matters: a slot is emptied before the real close, since another thread may own the number
// right after it, and filled after the real accept.

#include "descriptors.hpp"

#include "behind.hpp"
#include "calls.hpp"
#include "egress.hpp"
#include "guest.hpp"
#include "http2/farewell.hpp"
#include "kernel.hpp"
#include "own_thread.hpp"
#include "owner.hpp"
#include "patience.hpp"
#include "pool.hpp"
#include "tally.hpp"

#include <algorithm>
#include <cstring>

namespace lastcall {
namespace {

bool port_chosen(int fd) {
    const Ports& ports = guest::settings().ports;
    return ports.all() || ports.contains(kernel::local_port(fd));
}

// What a thread that is inside a call on it brings from here on is nothing to us.
void end(Connection& connection) {
    count_death(connection);
    const std::uint16_t life = connection.life.generation();
    static_cast<void>(connection.life.turn_opaque(life, Opaque::another_socket));
    pool::give_back(connection);
}

// Its last name is gone.
void bury(Slot slot) {
    farewell::count_left(slot);
    end(slot.connection());
}

void drop(Slot slot) {
    if (slot.connection().references.drop(slot.generation())) bury(slot);
}

void begin(int fd) {
    Connection* const connection = pool::take_connection();
    if (connection == nullptr) return;
    connection->identity = kernel::identity(fd);
    connection->birth.store(new_birth(), std::memory_order_relaxed);
    connection->process.store(owner::self(), std::memory_order_relaxed);
    connection->requests.begin(guest::newborn(connection->identity));
    count_birth(*connection);
    // A number that another thread has just closed, and a third given a copy's meaning.
    const std::optional<Slot> before = table::set(fd, Slot(*connection));
    if (!before) return end(*connection);
    if (*before) drop(*before);
}

void adopt(int fd) {
    if (guest::active() && port_chosen(fd)) begin(fd);
}

void adopt_as_server(int fd) {
    renumbered(fd);
    if (!kernel::is_untouched(fd)) return;
    guest::becomes_server();
    adopt(fd);
}

// A smaller descriptor that is the same connection; -1: none.
int earlier_name(int fd) {
    for (int other = 0; other < fd; ++other) {
        const Slot slot = table::at(other);
        if (slot && kernel::same_socket(fd, slot.connection())) return other;
    }
    return -1;
}

// The number has lost its meaning and is about to be closed. Whoever is at work on the connection
// may have found that it still meant that, and be about to half-close by it, or to read by it what
// goes nowhere: then the next connection's. False: somebody is at work for ever.
bool wait_for_work(Slot slot) {
    Connection& connection = slot.connection();
    for (Direction* const direction : {&connection.in, &connection.out}) {
        if (!claim(slot, *direction)) return false;
        direction->release(slot.generation());
    }
    return true;
}

// What is left to be done by a connection's last number before that is closed.
void finish_by(Slot slot, int fd) {
    int& closing = own_thread().closing;
    const int outer = closing;  // of which this is a signal's handler
    closing = fd;
    egress::release_held(slot, fd);
    behind::drain(slot, fd);
    closing = outer;
}

}  // namespace

void born(int fd) {
    const KeepErrno keep;
    guest::becomes_server();
    if (!guest::active()) return;
    owner::claim();
    renumbered(fd);
    if (kernel::is_tcp(fd) && port_chosen(fd)) begin(fd);
    farewell::look();
}

void adopt_passed(const msghdr& message) {
    const KeepErrno keep;
    auto* const whole = const_cast<msghdr*>(&message);  // CMSG_NXTHDR takes it so, and only reads
    for (cmsghdr* part = CMSG_FIRSTHDR(whole); part != nullptr; part = CMSG_NXTHDR(whole, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
            adopt_as_server(fd);
        }
    }
}

void alias(int from, int to) {
    const Slot slot = table::at(from);
    if (!slot || from == to || !owner::is_this_process()) return;
    if (!slot.connection().references.add(slot.generation())) return;
    const KeepErrno keep;
    const Slot before = table::at(to);  // closed unseen, if there is any
    const bool stale = !before || !kernel::same_socket(to, before.connection());
    // Closed and accepted anew since it was copied, the number may mean another connection by now.
    const bool ours = stale && kernel::same_socket(to, slot.connection());
    const bool replaced = ours && table::replace(to, before, slot);
    if (!replaced) drop(slot);
    if (replaced && before) drop(before);
}

void renumbered(int fd) {
    const Slot slot = table::at(fd);
    if (!slot || !owner::is_this_process()) return;
    if (const Slot stale = table::clear(fd); stale) drop(stale);
}

void forget(int fd) {
    if (!table::at(fd)) return;
    const KeepErrno keep;
    if (!owner::is_this_process()) return;
    const Slot slot = table::clear(fd);
    if (!slot) return;
    // A fork child that closes what it inherited must not speak for its parent.
    const bool ours = slot.connection().process.load() == owner::self();
    const bool idle = ours && wait_for_work(slot);
    if (!slot.connection().references.drop(slot.generation())) return;
    if (idle) finish_by(slot, fd);
    bury(slot);
}

void forget_range(unsigned low, unsigned high) {
    const int highest = table::highest();
    if (highest < 0 || low > static_cast<unsigned>(highest)) return;
    const unsigned last = std::min(high, static_cast<unsigned>(highest));
    for (unsigned fd = low; fd <= last; ++fd) forget(static_cast<int>(fd));
}

void lose_to_stdio(int fd) {
    const Slot slot = table::at(fd);
    if (!slot) return;
    const KeepErrno keep;
    if (!owner::is_this_process()) return;
    static_cast<void>(egress::let_go(slot, fd, Opaque::stdio));
}

void forget_stream(FILE* stream) {
    if (table::highest() < 0) return;
    const KeepErrno keep;
    forget(fileno(stream));
}

void forget_stdio() {
    for (int fd = 0; fd <= table::highest(); ++fd) {
        const Slot slot = table::at(fd);
        if (slot && slot.facts().opaque() == Opaque::stdio) forget(fd);
    }
}

// Not what makes a server: a process that serves what it inherited has one connection and its page
// would outlive it, one for each.
void adopt_inherited(int from_manager) {
    for (int fd = 0; fd <= 2 + from_manager; ++fd) {
        if (!kernel::is_tcp(fd)) continue;
        if (const int same = earlier_name(fd); same >= 0) {
            alias(same, fd);
        } else if (kernel::is_untouched(fd)) {
            adopt(fd);
        }
    }
}

}  // namespace lastcall
