// The few system calls that a connection's last response brings about.

#include "outlet.hpp"

#include "http1/desk.hpp"
#include "next.hpp"
#include "own_thread.hpp"
#include "owner.hpp"
#include "status.hpp"

#include <cerrno>

namespace lastcall::outlet {
namespace {

// Bytes of the desk's own, behind those sent ahead. False, with errno: some are left.
bool send_rest(Connection& connection, Desk& desk, int fd, Bytes rest) {
    const ssize_t sent = next::send(fd, rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) count_sent(connection, static_cast<std::size_t>(sent));
    if (sent > 0) desk.ahead += static_cast<std::size_t>(sent);
    if (sent == static_cast<ssize_t>(rest.size())) return true;
    if (sent >= 0) errno = EAGAIN;  // a short count told nobody why it stopped
    return false;
}

void shut_output(Slot slot, int fd) {
    const KeepErrno keep;
    // Promised before it is done, so that a proof made in between expects either.
    if (slot.connection().life.state(slot.generation(), Fact::torn_down)) {
        next::shutdown(fd, SHUT_WR);
    }
}

}  // namespace

bool is_forbidden(int error) { return error == EPERM || error == ENOSYS; }

ssize_t send_batch(Desk& desk, int fd, int flags, int more) {
    if (desk.part_count == 0) return 0;
    const auto plainly = [&] {
        return next::writev(fd, desk.parts.data(), static_cast<int>(desk.part_count));
    };
    if ((flags | more) == 0) return plainly();
    msghdr message{};
    message.msg_iov = desk.parts.data();
    message.msg_iovlen = desk.part_count;
    const ssize_t sent = next::sendmsg(fd, &message, flags | more);
    return sent < 0 && flags == 0 && is_forbidden(errno) ? plainly() : sent;
}

void conclude(Slot slot, int fd) {
    Connection& connection = slot.connection();
    const Responses& responses = connection.responses;
    connection.exchanges.answered(responses.answered());
    if (responses.said_close()) connection.state(Fact::said_close);
    if (responses.whole()) connection.state(Fact::answered);
    if (responses.endless()) connection.state(Fact::endless);
    end_input(slot, fd);
    if (responses.over()) tear_down(slot, fd);
    tear_down_owed(slot, fd);
}

kernel::Proof prove_position(Slot slot, int fd) {
    const KeepErrno keep;
    const auto proof = kernel::prove_output(fd, slot.connection(), kernel::Writers::none);
    if (proof == kernel::Proof::refused) turn_opaque(slot, Opaque::unproven);
    return proof;
}

// What a forked child says, its parent does not know of, and would be met by our FIN. (Where fork
// wipes nothing, before Linux 4.14, children go by their parent's name.)
bool prove(Slot slot, int fd) {
    if (slot.connection().process.load() != owner::self()) {
        turn_opaque(slot, Opaque::unproven);
        return false;
    }
    const auto proof = prove_position(slot, fd);
    if (proof == kernel::Proof::not_to_be_had) status::add(&status::Counters::unproven, 1);
    return proof != kernel::Proof::refused;
}

bool is_same(Slot slot, int fd) {
    const KeepErrno keep;
    if (kernel::same_socket(fd, slot.connection())) return true;
    turn_opaque(slot, Opaque::another_socket);
    return false;
}

// Whoever closes it has emptied its place first, and waits for claims only then.
bool is_kept(Slot slot, int fd) {
    if (table::means(fd, slot) || own_thread().closing == fd) return is_same(slot, fd);
    turn_opaque(slot, Opaque::another_socket);
    return false;
}

bool send_held(Slot slot, int fd) {
    Connection& connection = slot.connection();
    Desk* const desk = connection.desk.load(std::memory_order_acquire);
    // While a write sits there the desk is its own; it will find that the connection is opaque.
    if (desk != nullptr && desk->writer() != 0) return true;
    // Half of the close field has gone: the rest belongs to a byte that the server has yet to
    // offer.
    const bool given_up = connection.responses.given_up();
    if (desk != nullptr && desk->ahead > 0 && desk->adding && !given_up) return true;
    connection.responses.abandon();
    const bool editing = desk != nullptr && !connection.responses.passing();
    if (!editing || connection.responses.over()) return true;
    std::array<char, CloseOption::longest_output> held;
    CloseOption released = desk->edit;
    const std::size_t size = released.release(held) - desk->ahead;
    if (size > 0 && is_kept(slot, fd)) {
        if (!send_rest(connection, *desk, fd, {held.data() + desk->ahead, size})) return false;
    }
    desk->edit = released;
    desk->ahead = 0;
    connection.responses.let_go();
    return true;
}

bool finish_field(Slot slot, int fd) {
    Connection& connection = slot.connection();
    Desk* const desk = connection.desk.load(std::memory_order_acquire);
    if (desk == nullptr || desk->writer() != 0 || connection.responses.given_up()) return true;
    if (desk->ahead == 0 || !desk->adding || !is_kept(slot, fd)) return true;
    std::array<char, CloseOption::longest_output> rest;
    CloseOption finished = desk->edit;
    const std::size_t size = finished.finish_field(desk->ahead, rest);
    if (!send_rest(connection, *desk, fd, {rest.data(), size})) return false;
    desk->edit = finished;
    desk->ahead = 0;
    connection.responses.let_go();
    connection.state(Fact::said_close);
    return true;
}

void shut_input(Slot slot, int fd) {
    if (slot.facts().is(Fact::woken)) return;
    const KeepErrno keep;
    if (!is_kept(slot, fd)) return;
    if (slot.connection().life.state(slot.generation(), Fact::woken)) next::shutdown(fd, SHUT_RD);
}

void tear_down(Slot slot, int fd) {
    if (!slot.facts().is(Fact::torn_down) && is_kept(slot, fd)) shut_output(slot, fd);
}

void tear_down_owed(Slot slot, int fd) {
    const Facts facts = slot.facts();
    if (facts.is(Fact::answered) && facts.is(Fact::discarded)) tear_down(slot, fd);
}

}  // namespace lastcall::outlet
