// The limits, and in which steps they are looked at.

#include "patience.hpp"

#include "guest.hpp"
#include "kernel.hpp"

#include <algorithm>

namespace lastcall {

constinit std::atomic<std::uint32_t> births = 0;
constinit std::atomic<std::uint32_t> births_at_any_wait = 0;

namespace {

// All in milliseconds; the first two are nginx's lingering_timeout and lingering_time.
constexpr Moment for_fin = 5'000;
constexpr Moment without_progress = 30'000;
constexpr Moment moment = 800;  // of whoever may be held up
constexpr int longest_slice = 1'000;
constexpr int longest_met_slice = 50;

}  // namespace

Patience::Patience(Slot slot, int fd)
    : slot_(slot),
      fd_(fd),
      several_(is_one_of_several(slot.connection())),
      progress_(guest::now()) {
    const int own = kernel::receive_timeout(fd);
    own_ = own < 0 ? never : static_cast<Moment>(own);
    own_end_ = later(progress_, own_);
}

Moment Patience::later(Moment now, Moment by) { return by == never ? never : now + by; }

// How long before the response is out. A thread that others wait for is held up once by each
// connection, and then not at all; nor one that only asks whether there is something, since it may
// be the one that is to answer.
Moment Patience::held_up() const {
    Connection& connection = slot_.connection();
    if (several_) {
        return connection.life.state(slot_.generation(), Fact::waited) ? moment : 0;
    }
    if (is_asked_about(connection)) return 0;
    return is_one_of_several_anywhere(connection) ? moment : never;
}

// Behind the response the server's own timeout begins anew: without us each such read would have
// ended.
void Patience::meet() {
    const Moment now = guest::now();
    if (slot_.connection().is(Fact::torn_down)) own_end_ = later(now, own_);
    if (met_) return;
    met_ = true;
    slice_ = 0;
    progress_ = now;
    held_end_ = later(now, held_up());
}

void Patience::look(Moment now) {
    const int unacknowledged = kernel::unacknowledged(fd_);
    if (unacknowledged == unacknowledged_) return;
    unacknowledged_ = unacknowledged;
    progress_ = now;
}

// Once the client has all, what it still sends can be answered by a reset, for which its own system
// may forget what it has not read yet. So it is waited for a moment, if nobody is held up.
Moment Patience::our_end() const {
    if (!torn_down_) return never;
    if (unacknowledged_ != 0) return progress_ + without_progress;
    if (!met_) return progress_ + for_fin;
    return several_ ? 0 : progress_ + moment;
}

// While nothing has been met the first slice is the longest: mostly the client's FIN ends it, and
// nothing need be asked of the kernel.
int Patience::left() {
    const Moment now = guest::now();
    if (!torn_down_ && slot_.connection().is(Fact::torn_down)) {
        torn_down_ = true;
        progress_ = now;
    }
    if (met_ || slice_ > 0) look(now);
    const Moment ours = our_end();
    const Moment others = torn_down_ && !several_ ? own_end_ : std::min(own_end_, held_end_);
    ends_input_ = ours <= others;
    const Moment end = std::min(ours, others);
    if (now >= end) return 0;
    slice_ = met_ ? std::clamp(slice_ * 2, 1, longest_met_slice) : longest_slice;
    return static_cast<int>(std::min<Moment>(end - now, static_cast<Moment>(slice_)));
}

}  // namespace lastcall
