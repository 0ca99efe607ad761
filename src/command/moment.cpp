// The coarse clock is the guest's, and up to a tick behind the other: by that one, a drain at once
// would begin some requests after it was confirmed. Waits to an absolute moment, so that a signal
// handled meanwhile does not lengthen it.

#include "moment.hpp"

#include <cerrno>
#include <ctime>

namespace lastcall::command {

std::uint64_t now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    const auto milliseconds = static_cast<std::uint64_t>(time.tv_sec) * 1000 +
                              static_cast<std::uint64_t>(time.tv_nsec) / 1'000'000;
    return milliseconds != 0 ? milliseconds : 1;
}

void wait_until(std::uint64_t moment) {
    timespec time{};
    time.tv_sec = static_cast<time_t>(moment / 1000);
    time.tv_nsec = static_cast<long>(moment % 1000 * 1'000'000);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr) == EINTR) continue;
}

}  // namespace lastcall::command
