// Waiting for another thread's book-keeping: some hundred instructions, or as long as its processor
// is with somebody else.

#include "direction.hpp"

#include "raw.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>

namespace lastcall {
namespace {

constexpr int spins = 64;
constexpr int short_rounds = 20;
constexpr int rounds = 500;
constexpr long short_round = 50'000;  // nanoseconds
constexpr long round_time = 2'000'000;

}  // namespace

// Every program of several threads may wait by futex(2). Nobody wakes us: a release is a plain
// store, and what is waited for is short.
Direction::Awaited Direction::await(std::uint16_t generation) {
    for (int round = 0; round < spins + rounds; ++round) {
        if (claim(generation)) return Awaited::claimed;
        const std::uint32_t now = claim_.load(std::memory_order_acquire);
        if (now >> 1 != generation) return Awaited::reborn;
        if (round < spins || (now & busy) == 0) continue;
        timespec time{};
        time.tv_nsec = round < spins + short_rounds ? short_round : round_time;
        raw::kernel(SYS_futex, raw::word(&claim_), FUTEX_WAIT_PRIVATE, static_cast<long>(now),
                    raw::word(&time));
    }
    return Awaited::stuck;
}

}  // namespace lastcall
