// Who is at work on one direction of a connection. What belongs to a direction is touched only
// between claim and release, which no call that may block comes between: so whoever finds it
// claimed waits, for a thread that has been taken off its processor at the most.
#pragma once

#include <atomic>
#include <cstdint>

namespace lastcall {

// A claim names the connection's generation, so whoever comes late to a connection that has been
// reborn in the same memory fails to claim it.
class Direction {
public:
    [[nodiscard]] bool claim(std::uint16_t generation) {
        std::uint32_t free = word(generation);
        // Failing, too, is to have seen what whoever had it has done: it may have looked at memory
        // that is the caller's to free.
        return claim_.compare_exchange_strong(free, free | busy, std::memory_order_acquire);
    }
    void release(std::uint16_t generation) {
        claim_.store(word(generation), std::memory_order_release);
    }
    // Takes the direction for the next generation, claimed; fails if it is claimed already.
    [[nodiscard]] bool renew(std::uint16_t generation) {
        std::uint32_t now = claim_.load(std::memory_order_relaxed);
        return (now & busy) == 0 && claim_.compare_exchange_strong(now, word(generation) | busy,
                                                                   std::memory_order_acq_rel);
    }

    enum class Awaited : std::uint8_t {
        claimed,
        reborn,  // the life is over
        stuck    // whoever has it was cancelled, has jumped out of a signal's handler, or is
                 // this very thread below one: it is never released
    };
    // Waits for the claim of another thread to end.
    [[nodiscard, gnu::cold]] Awaited await(std::uint16_t generation);

private:
    static constexpr std::uint32_t busy = 1;
    static std::uint32_t word(std::uint16_t generation) { return std::uint32_t{generation} << 1; }

    std::atomic<std::uint32_t> claim_ = 0;
};

}  // namespace lastcall
