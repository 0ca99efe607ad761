// The limits, and in which steps they are looked at.

#include "patience.hpp"

#include "guest.hpp"
#include "kernel.hpp"

#include <algorithm>

namespace lastcall {

constinit std::atomic<std::uint32_t> births = 0;
constinit thread_local std::uint32_t births_at_wait = 0;

namespace {

// All in milliseconds; the first two are nginx's lingering_timeout and lingering_time.
constexpr Moment for_fin = 5'000;
constexpr Moment without_progress = 30'000;
constexpr Moment held_up = 800;  // of whoever may be waiting for this thread
constexpr int longest_slice = 1'000;
constexpr int longest_met_slice = 50;

}  // namespace

Patience::Patience(Slot slot, int fd)
    : slot_(slot),
      fd_(fd),
      several_(is_one_of_several(slot.connection())),
      progress_(guest::now()) {
    const int own = kernel::receive_timeout(fd);
    own_end_ = own < 0 ? never : progress_ + static_cast<Moment>(own);
}

// A thread that others wait for is held up once by each connection, and then not at all.
void Patience::meet() {
    if (met_) return;
    met_ = true;
    slice_ = 0;
    const Moment now = guest::now();
    progress_ = now;
    if (!several_) return;
    const bool first = slot_.connection().life.state(slot_.generation(), Fact::waited);
    own_end_ = std::min(own_end_, now + (first ? held_up : 0));
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
    if (!slot_.connection().is(Fact::torn_down)) return never;
    if (unacknowledged_ != 0) return progress_ + without_progress;
    if (!met_) return progress_ + for_fin;
    return several_ ? 0 : progress_ + held_up;
}

// While nothing has been met the first slice is the longest: mostly the client's FIN ends it, and
// nothing need be asked of the kernel.
int Patience::left() {
    const Moment now = guest::now();
    if (met_ || slice_ > 0) look(now);
    const Moment ours = our_end();
    ends_input_ = ours <= own_end_;
    const Moment end = std::min(ours, own_end_);
    if (now >= end) return 0;
    slice_ = met_ ? std::clamp(slice_ * 2, 1, longest_met_slice) : longest_slice;
    return static_cast<int>(std::min<Moment>(end - now, static_cast<Moment>(slice_)));
}

}  // namespace lastcall
