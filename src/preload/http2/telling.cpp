// What the kernel leaves of our frame goes before anything else, so a batch that stops among its
// bytes is not over yet.

#include "telling.hpp"

#include "../egress.hpp"
#include "../http1/desk.hpp"
#include "../memory.hpp"
#include "../next.hpp"
#include "../outlet.hpp"
#include "../pool.hpp"
#include "talk.hpp"

#include <algorithm>
#include <cerrno>

namespace lastcall::telling {
namespace {

// One write of the server's into which our frame goes.
class Telling {
public:
    Telling(Slot slot, int fd, const Offered& out, int flags, Call call)
        : slot_(slot),
          connection_(slot.connection()),
          call_(call),
          out_(out),
          one_{const_cast<void*>(out.what), out.count},
          offered_(out.shape == Shape::bytes ? Buffers{&one_, 1} : out.list(0)),
          size_(offered_.size()),
          fd_(fd),
          flags_(flags) {}

    // The output is claimed.
    ssize_t transmit() {
        const int kept = errno;
        const ssize_t answer = send_all();
        if (answer >= 0) errno = kept;
        return answer;
    }

    ssize_t transmit_apart() {
        const int kept = errno;
        const std::optional<std::size_t> place = find_place();
        if (!place) return verbatim(slot_, fd_, out_, call_);
        if (*place > 0) {
            const ssize_t before = send_special(*place);
            if (before != static_cast<ssize_t>(*place)) return before;
            accepted_ = *place;
            if (!go_on()) return answer_;
        }
        if (!say_alone(slot_, fd_, flags_)) {
            return accepted_ > 0 ? (errno = kept, static_cast<ssize_t>(accepted_)) : -1;
        }
        if (accepted_ == 0) return verbatim(slot_, fd_, out_, call_);
        flags_ &= egress::plain_flags;  // what a call has beside bytes, it has had
        const ssize_t rest = send_all();
        errno = kept;
        return rest < 0 ? static_cast<ssize_t>(accepted_) : rest;
    }

private:
    // The first bytes, with all that the call carries beside them.
    ssize_t send_special(std::size_t size) {
        Desk* const desk = pool::take_desk();
        if (desk == nullptr) return lose();
        desk->part_count = 0;
        static_cast<void>(add(*desk, 0, size));
        msghdr all{};
        if (out_.shape == Shape::message) all = *static_cast<const msghdr*>(out_.what);
        all.msg_iov = desk->parts.data();
        all.msg_iovlen = desk->part_count;
        const Offered batch{Shape::list, desk->parts.data(), desk->part_count};
        const ssize_t sent =
            verbatim(slot_, fd_, batch, [&] { return next::sendmsg(fd_, &all, flags_); });
        pool::give_back(*desk);
        return sent;
    }

    ssize_t send_all() {
        for (;;) {
            const std::optional<std::size_t> place = find_place();
            const Bytes ours = place ? talk::of(connection_)->conversation.unsaid() : Bytes{};
            if (ours.empty() && accepted_ == 0) return verbatim(slot_, fd_, out_, call_);
            Desk* const desk = pool::take_desk();
            if (desk == nullptr) return lose();
            const bool more = send(*desk, place.value_or(0), ours);
            pool::give_back(*desk);
            if (!more) return answer_;
        }
    }

    // How many bytes of the server's come before ours; none: ours have no place here.
    std::optional<std::size_t> find_place() {
        if (talk::is_cut(connection_)) {
            return talk::may_go_on(slot_, fd_) ? std::optional<std::size_t>(0) : std::nullopt;
        }
        const Talk* const talk = talk::of(connection_);
        if (talk == nullptr || !talk->conversation.is_owed()) return {};
        const auto place = find_place(talk->conversation.output());
        return place && talk::may_say(slot_, fd_) ? place : std::nullopt;
    }

    // Only frame headers are looked at, and few of them.
    std::optional<std::size_t> find_place(http2::Frames trial) const {
        std::size_t place = 0;
        bool found = false;
        offered_.walk(accepted_, Buffers::all, [&](Bytes part) {
            std::size_t used = 0;
            while (used < part.size() && !(found = trial.open_to_any())) {
                const Bytes rest = from(part, used);
                if (trial.header_left() == 0) {
                    const auto step = std::min<std::size_t>(rest.size(), trial.countable());
                    static_cast<void>(trial.pass(static_cast<std::uint32_t>(step)));
                    used += step;
                    continue;
                }
                const Bytes header = first(rest, trial.header_left());
                if (!memory::readable(header.data(), header.size())) return used;
                const http2::Followed followed = trial.follow(header);
                const bool none = followed.event == http2::Event::malformed ||
                                  followed.event == http2::Event::goaway;  // the server's own
                if (none) return used;
                used += followed.taken;
            }
            place += used;
            return used;
        });
        return found ? std::optional(place) : std::nullopt;
    }

    static void add(Desk& desk, Bytes part) {
        desk.parts[desk.part_count++] = {const_cast<char*>(part.data()), part.size()};
    }
    // One place is kept for ours, and one for what it cuts in two.
    std::size_t add(Desk& desk, std::size_t start, std::size_t size) const {
        return offered_.walk(start, size, [&](Bytes part) {
            if (desk.part_count + 2 >= desk.parts.size()) return std::size_t{0};
            add(desk, part);
            return part.size();
        });
    }

    // True: there is more to send.
    bool send(Desk& desk, std::size_t place, Bytes ours) {
        desk.part_count = 0;
        const std::size_t before = add(desk, accepted_, place);
        const bool reached = before == place;
        if (reached) add(desk, ours);
        const std::size_t own = reached ? ours.size() : 0;
        if (reached) add(desk, accepted_ + before, size_ - accepted_ - before);
        const Offered batch{Shape::list, desk.parts.data(), desk.part_count};
        const std::size_t whole = desk.size();
        const ssize_t sent =
            verbatim(slot_, fd_, batch, [&] { return outlet::send_batch(desk, fd_, flags_, 0); });
        if (sent < 0) return refused();
        const auto size = static_cast<std::size_t>(sent);
        accepted_ += std::min(size, before) + (size > before + own ? size - before - own : 0);
        answer_ = static_cast<ssize_t>(accepted_);
        // Stopped among bytes of ours, the kernel has not answered the server yet; nor if it took
        // none but ours.
        const bool among = (size > before && size < before + own) || accepted_ == 0;
        const bool more = accepted_ < size_ && (size == whole || among);
        return more && go_on();
    }

    bool refused() {
        if (accepted_ > 0) return false;
        answer_ = -1;
        if (!outlet::is_forbidden(errno) || !go_on()) return false;
        // A filter knows the server's call and not ours: then none of ours is made.
        const Talk* const talk = talk::of(connection_);
        if (talk == nullptr || talk->conversation.is_cut()) {
            outlet::release(slot_);
            return false;
        }
        talk::leave(connection_, Opaque::special_call);
        return true;
    }

    // If the number still means the connection, and that is still there.
    bool go_on() {
        if (!table::means(fd_, slot_)) {
            // As if all had been taken: what is left must not go to another's socket.
            answer_ = static_cast<ssize_t>(size_);
            return false;
        }
        if (outlet::claim(slot_)) return true;
        answer_ = accepted_ > 0 ? static_cast<ssize_t>(accepted_) : failed(EAGAIN);
        return false;
    }

    ssize_t lose() {
        const Talk* const talk = talk::of(connection_);
        if (talk != nullptr && !talk->conversation.is_cut()) {
            talk::leave(connection_, Opaque::no_memory);
            if (accepted_ == 0) return verbatim(slot_, fd_, out_, call_);
        }
        outlet::release(slot_);
        return accepted_ > 0 ? static_cast<ssize_t>(accepted_) : failed(EAGAIN);
    }

    Slot slot_;
    Connection& connection_;
    Call call_;
    Offered out_;
    iovec one_;
    Buffers offered_;
    std::size_t size_;
    std::size_t accepted_ = 0;
    ssize_t answer_ = 0;
    int fd_;
    int flags_;
};

}  // namespace

ssize_t verbatim(Slot slot, int fd, const Offered& out, Call call) {
    const Offer::Ticket ticket =
        slot.connection().offer.make(slot.life(), out.shape, out.what, out.count);
    outlet::release(slot);
    const ssize_t result = call();
    egress::left(slot, fd, out, result, ticket);
    return result;
}

ssize_t transmit_apart(Slot slot, int fd, const Offered& out, int flags, Call call) {
    return Telling(slot, fd, out, flags, call).transmit_apart();
}

ssize_t transmit(Slot slot, int fd, const Offered& out, int flags, Call call) {
    return Telling(slot, fd, out, flags, call).transmit();
}

}  // namespace lastcall::telling
