// Asks the conversation about every byte that a read brings, and does what it answers.

#include "intake.hpp"

#include "../behind.hpp"
#include "../kernel.hpp"
#include "../outlet.hpp"
#include "../patience.hpp"
#include "../status.hpp"
#include "../switching.hpp"

namespace lastcall::intake {
namespace {

Requests::Intake follow_rest(Connection& connection, Bytes in, std::size_t delivered,
                             Picked& picked) {
    std::optional<Terms> room;
    const Terms& terms = guest::terms(room);
    const auto intake = connection.requests.take_rest(in, delivered, connection.exchanges, terms);
    picked.add(intake.picked);
    count_exchanges(connection);
    return intake;
}

// One read's bytes.
class Bringing {
public:
    Bringing(Slot slot, Buffers in, std::size_t size)
        : slot_(slot), connection_(slot.connection()), in_(in), size_(size) {}
    ~Bringing() {
        if (picked_.any()) [[unlikely]]
            status::add(picked_);
    }
    Bringing(const Bringing&) = delete;
    Bringing& operator=(const Bringing&) = delete;

    // Goes on behind the bytes delivered, of which the next have been glanced at.
    void follow(int fd, std::size_t glanced) {
        Requests::Intake intake;
        std::size_t understood = delivered_;
        delivered_ += in_.walk(delivered_, size_ - delivered_, [&](Bytes part) {
            intake.delivered = glanced;
            glanced = 0;
            if (intake.delivered < part.size()) {
                intake = follow_rest(connection_, part, intake.delivered, picked_);
            }
            if (intake.reason != Opaque::no) return std::size_t{0};
            understood += part.size();
            return intake.delivered;
        });
        if (intake.reason == Opaque::no) return;
        delivered_ = size_;
        if (intake.reason != Opaque::http2) return connection_.turn_opaque(intake.reason);
        switching::by_client(slot_, fd, in_, understood + intake.understood, size_);
    }

    // They end, or go on behind, the last request.
    [[gnu::noinline]] void end(ReadCall by) {
        const KeepErrno keep;
        bool more = is_more(by.fd);
        // Others wait for this thread, and its next read would wait for the client.
        const bool waits =
            more && is_one_of_several(connection_) && kernel::blocks(by.fd, by.flags);
        while (more && waits && connection_.requests.over()) {
            const Trigger trigger = put_off(slot_);
            if (trigger == Trigger::none) break;
            take_back(trigger);
            follow(by.fd, 0);
            more = connection_.requests.over() && is_more(by.fd);
        }
        if (connection_.requests.over()) {
            delivered_ = behind::withhold(slot_, by.fd, delivered_, size_, more);
        }
    }
    [[nodiscard]] std::size_t delivered() const { return delivered_; }

private:
    // Its head may have come with an earlier read, and be on the page already.
    void take_back(Trigger trigger) {
        if (picked_.by(trigger) > 0)
            --picked_.by(trigger);
        else
            status::take_back(trigger);
    }
    // A read that did not fill its room has left nothing.
    [[nodiscard]] bool is_more(int fd) const {
        return delivered_ < size_ || (size_ == in_.size() && kernel::has_unread(fd));
    }

    Slot slot_;
    Connection& connection_;
    Buffers in_;
    std::size_t size_;
    std::size_t delivered_ = 0;
    Picked picked_;
};

}  // namespace

Arrival judge(Slot slot, ReadCall by, Buffers in, std::size_t size, std::size_t glanced) {
    Connection& connection = slot.connection();
    const auto all = static_cast<ssize_t>(size);
    const Facts facts = connection.life.facts();
    if (!facts.followed()) [[unlikely]] {  // it may have turned so while the read was waiting
        if (facts.speaks_http2()) return {switching::read_late(slot, in, size), false};
        if (facts.lingers() && behind::discard(slot, by.fd, size)) return {0, true};
        return {behind::ended(slot, by.fd) ? 0 : all, false};
    }
    Bringing bringing(slot, in, size);
    bringing.follow(by.fd, glanced);
    if (connection.requests.over()) [[unlikely]]
        bringing.end(by);
    const std::size_t delivered = bringing.delivered();
    return {static_cast<ssize_t>(delivered), delivered == 0 && connection.followed()};
}

Trigger put_off(Slot slot) {
    Connection& connection = slot.connection();
    if (connection.is(Fact::discarded) || !outlet::claim(slot)) return Trigger::none;
    const bool begun = connection.responses.begun_last(connection.exchanges) ||
                       connection.desk.load(std::memory_order_relaxed) != nullptr;
    const Trigger trigger =
        begun ? Trigger::none : connection.requests.put_off(connection.exchanges);
    outlet::release(slot);
    if (trigger != Trigger::none) {
        connection.life.retract(slot.generation(), Fact::input_over);
        guest::give_back_grant();
    }
    return trigger;
}

}  // namespace lastcall::intake
