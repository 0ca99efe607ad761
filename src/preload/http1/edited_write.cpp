// Plans under the claim, sends without it, commits under it again.

#include "edited_write.hpp"

#include "../egress.hpp"
#include "../kernel.hpp"
#include "../memory.hpp"
#include "../next.hpp"
#include "../outlet.hpp"
#include "../owner.hpp"
#include "../pool.hpp"
#include "../status.hpp"
#include "../switching.hpp"
#include "desk.hpp"

namespace lastcall {
namespace {

// Must nothing of this connection's output be changed any more? An edit that has begun is finished.
bool is_lost(const Connection& connection, const Desk& desk) {
    if (connection.followed() || connection.responses.given_up()) return false;
    return !desk.edit.begun() && desk.ahead == 0 && !connection.responses.over();
}

// Is there nothing between the server's bytes and the kernel?
bool is_plain(const Connection& connection, const Desk& desk) {
    return connection.responses.given_up() && desk.ahead == 0 && !desk.edit.holds_back();
}

// Proves the output's position once, before the last head's first byte; and that the socket is
// still the same one before every other that is not the server's own.
bool prove(Slot slot, Desk& desk, int fd) {
    Connection& connection = slot.connection();
    if (!desk.trial.begun_last(connection.exchanges)) return true;
    if (connection.responses.given_up()) return outlet::is_same(slot, fd);
    const KeepErrno keep;
    // What comes behind the last response is not sent at all: not on another socket, though.
    const bool unchanged = desk.proven && connection.responses.said_close() && !desk.trial.over();
    if (!unchanged && !outlet::is_same(slot, fd)) return false;
    // A proof whose batch the kernel refused is worth nothing by the next call: others may write.
    const bool leaving = connection.responses.begun_last(connection.exchanges) || desk.ahead > 0;
    if (desk.proven && leaving) return true;
    desk.proven = outlet::prove(slot, fd);
    return desk.proven;
}

Desk* desk_of(Connection& connection) {
    Desk* desk = connection.desk.load(std::memory_order_acquire);
    if (desk == nullptr) {
        desk = pool::take_desk();
        connection.desk.store(desk, std::memory_order_release);
    }
    return desk;
}

// One write of the server, mostly in one batch: as many as its head takes.
class Write {
public:
    Write(Slot slot, int fd, Buffers offered, int flags)
        : slot_(slot),
          connection_(slot.connection()),
          offered_(offered),
          size_(offered.size()),
          fd_(fd),
          flags_(flags) {}

    enum class Next : std::uint8_t {
        again,      // more to plan
        done,       // accepted(), or the kernel's error if that is 0
        not_ours,   // the server's own call is to be made, for all of it
        unreadable  // and so is this, for bytes that cannot be read
    };
    Next batch() {
        // What was under way has been sent; what is left must not go to another's socket.
        if (begun_ && !table::means(fd_, slot_)) return pass_on();
        if (!outlet::claim(slot_)) return stop();
        const bool passing = connection_.responses.passing() && connection_.desk.load() == nullptr;
        // It may have been put off, in favour of what came behind its request.
        if (passing || connection_.exchanges.last() == 0) return forward();
        if (desk_ == nullptr) {
            Desk* const desk = desk_of(connection_);
            if (desk == nullptr) {
                connection_.turn_opaque(Opaque::no_memory);
                return lose();
            }
            if (!desk->sit_down(owner::thread())) return yield();
            desk_ = desk;
        }
        if (is_lost(connection_, *desk_)) connection_.responses.abandon();
        if (is_plain(connection_, *desk_)) return lose();
        return with(*desk_);
    }
    // To be done before the claim is released: the next write may sit down at once.
    void end() {
        if (desk_ != nullptr && desk_->stand_up()) pool::give_back(*desk_);
        desk_ = nullptr;
    }
    [[nodiscard]] std::size_t accepted() const { return accepted_; }

private:
    Next stop() const { return accepted_ == 0 ? Next::not_ours : Next::done; }

    // The number means another connection by now: as if all had been taken.
    Next pass_on() {
        accepted_ = size_;
        return Next::done;
    }

    Next forward() {
        end();
        outlet::end_input(slot_, fd_);
        outlet::release(slot_);
        return stop();
    }

    // Another write sits at the desk: these bytes are the kernel's to order.
    Next yield() const {
        connection_.turn_opaque(Opaque::overlap);
        outlet::release(slot_);
        return stop();
    }

    // The direction is claimed, and nothing of ours is to go before the server's bytes, now or
    // later: the desk is not needed any more.
    Next lose() {
        if (!connection_.responses.over()) connection_.responses.let_go();
        leave_desk();
        return forward();
    }

    void leave_desk() const {
        if (desk_ != nullptr && desk_->leave_to_write()) connection_.desk.store(nullptr);
    }

    // Up to where the bytes offered may be looked into. What only counts is the kernel's to read;
    // behind that, a stretch.
    [[nodiscard]] std::size_t look(std::size_t stretch) const {
        const std::uint64_t unseen = connection_.responses.countable();
        if (unseen >= size_ - accepted_) return accepted_;
        const std::size_t start = accepted_ + static_cast<std::size_t>(unseen);
        return start + memory::readable(offered_, start, stretch);
    }

    std::size_t plan(Desk& desk, std::size_t stretch) const {
        return desk.plan(connection_.responses, connection_.exchanges, offered_, accepted_,
                         look(stretch));
    }

    // No call looks at much more than it sends; but where it may wait, the last head is looked for
    // in all of it, so that the wait is one.
    std::size_t plan(Desk& desk) const {
        constexpr std::size_t stretch = 1U << 16;
        const std::size_t planned = plan(desk, stretch);
        const bool whole = desk.trial.said_close() || accepted_ + planned == size_;
        return whole || !kernel::blocks(fd_, flags_) ? planned : plan(desk, Buffers::all);
    }

    Next with(Desk& desk) {
        const std::size_t planned = plan(desk);
        if (planned == 0) {
            end();
            outlet::release(slot_);
            return accepted_ == 0 ? Next::unreadable : Next::done;
        }
        if (!prove(slot_, desk, fd_)) return lose();
        // Behind the last response's last byte comes our FIN, at once and in the same segment.
        const bool more = accepted_ + planned < size_ || desk.ends(connection_.exchanges);
        batch_ = desk.size();
        ticket_ = connection_.offer.make(slot_.life(), Shape::batch, nullptr, planned);
        outlet::release(slot_);
        const ssize_t sent = outlet::send_batch(desk, fd_, flags_, more ? MSG_MORE : 0);
        begun_ = begun_ || sent > 0;
        return sent < 0 ? refused(desk) : commit(desk, static_cast<std::size_t>(sent));
    }

    Next refused(const Desk& desk) {
        if (!outlet::claim(slot_)) return Next::done;
        const bool mine = connection_.offer.close(ticket_);
        const bool untouched = accepted_ == 0 && desk.ahead == 0 && !desk.edit.begun();
        if (mine && untouched && outlet::is_forbidden(errno)) {
            connection_.turn_opaque(Opaque::special_call);
            return lose();
        }
        end();
        outlet::release(slot_);
        return Next::done;
    }

    // Moves the conversation on as far as the kernel went. If it cannot be claimed it has died, and
    // only the server's count is still owed; another write may also have done it in our place.
    Next commit(Desk& desk, std::size_t sent) {
        if (!outlet::claim(slot_)) return count_only(desk, sent);
        if (!connection_.offer.close(ticket_) && desk.is_left()) {
            outlet::release(slot_);
            return pass_on();
        }
        Responses now = desk.base;
        const Desk::Accepted accepted = desk.commit(now, connection_.exchanges, sent);
        accepted_ += accepted.size;
        const bool given_up = connection_.responses.given_up() && !desk.base.given_up();
        connection_.responses = now;
        if (given_up) connection_.responses.abandon();
        outlet::count_sent(connection_, sent);
        if (accepted.reason != Opaque::no)
            switching::by_server(slot_, fd_, offered_, accepted_ - accepted.behind, accepted_,
                                 accepted.reason);
        outlet::conclude(slot_, fd_);
        const bool switched = connection_.life.facts().speaks_http2();
        if (switched || (now.said_close() && desk.ahead == 0)) leave_desk();
        // Stopped among bytes of ours, the kernel has not answered the server yet.
        const bool stopped = sent != batch_ && accepted_ != 0;
        const Next next = accepted_ == size_ || stopped ? Next::done : Next::again;
        if (next == Next::done) end();
        outlet::release(slot_);
        return next;
    }

    Next count_only(Desk& desk, std::size_t sent) {
        Responses now = desk.base;
        accepted_ += desk.commit(now, connection_.exchanges, sent).size;
        if (sent == batch_ && !table::means(fd_, slot_)) return pass_on();
        errno = EAGAIN;  // for a server that is told of none of its bytes
        return Next::done;
    }

    Slot slot_;
    Connection& connection_;
    Desk* desk_ = nullptr;
    Buffers offered_;
    std::size_t size_;
    std::size_t accepted_ = 0;
    bool begun_ = false;     // bytes have been sent, if only ours
    std::size_t batch_ = 0;  // bytes of it
    Offer::Ticket ticket_ = 0;
    int fd_;
    int flags_;
};

}  // namespace

std::optional<ssize_t> edited_write(Slot slot, int fd, Buffers offered, int flags, Call call,
                                    Call unreadable) {
    const int kept = errno;
    Write write(slot, fd, offered, flags);
    auto next = Write::Next::again;
    while (next == Write::Next::again) next = write.batch();
    write.end();
    if (next == Write::Next::not_ours || next == Write::Next::unreadable) {
        errno = kept;
        if (next == Write::Next::unreadable) return unreadable();
        if (slot.facts().speaks_http2()) return {};
        const bool verbatim = egress::is_verbatim(slot, flags);
        return verbatim ? egress::transmit(slot, fd, offered_list(offered), call) : call();
    }
    if (write.accepted() == 0) return -1;
    errno = kept;
    return static_cast<ssize_t>(write.accepted());
}

}  // namespace lastcall
