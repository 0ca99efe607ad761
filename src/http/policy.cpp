// The triggers in their order, and the rate budget as one number.

#include <lastcall/policy.hpp>

#include <algorithm>
#include <limits>

namespace lastcall {
namespace {

// Well mixed, so that neighbouring exchanges of a connection draw independently.
std::uint32_t mixed(std::uint32_t draw, std::uint32_t exchange) {
    std::uint64_t bits = (std::uint64_t{draw} << 32 | exchange) + 0x9e3779b97f4a7c15;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
    return static_cast<std::uint32_t>(bits >> 32);
}

// Whether a request is among the share picked, which grows with the time since the start.
bool drained(const Drain& drain, std::uint32_t draw, std::uint32_t exchange, Moment now) {
    if (drain.start == 0 || now < drain.start) return false;
    const Moment passed = now - drain.start;
    if (passed >= drain.ramp) return true;
    return std::uint64_t{mixed(draw, exchange)} * drain.ramp < passed << 32;
}

// Of a second, in nanoseconds; rounded up, since the rate is a maximum.
std::uint64_t share_of(std::uint32_t rate) {
    constexpr std::uint64_t second = 1'000'000'000;
    return (second + rate - 1) / rate;
}

}  // namespace

std::uint32_t own_limit(std::uint32_t limit, std::uint32_t jitter, std::uint32_t draw) {
    if (jitter == 0) return limit;
    const std::uint64_t most_below = std::uint64_t{limit} * jitter / 100;
    // Uniform over 0 to most_below, both included.
    const std::uint64_t below = (most_below + 1) * draw >> 32;
    return static_cast<std::uint32_t>(std::max<std::uint64_t>(limit - below, 1));
}

Trigger due(const Policy& policy, const Standing& standing, std::uint32_t exchange, Moment now) {
    const auto own = [&](std::uint32_t limit) {
        return own_limit(limit, policy.jitter, standing.draw);
    };
    if (policy.requests != 0 && exchange >= own(policy.requests)) return Trigger::requests;
    if (policy.age != 0 && now >= standing.born + own(policy.age)) return Trigger::age;
    if (drained(policy.drain, standing.draw, exchange, now)) return Trigger::drain;
    return Trigger::none;
}

std::uint32_t first_due(const Policy& policy) {
    constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
    if (policy.age != 0 || policy.drain.start != 0) return 0;
    return policy.requests == 0 ? most : own_limit(policy.requests, policy.jitter, most);
}

bool Budget::grant(std::uint32_t rate, Moment now) {
    if (rate == 0) return true;
    const std::uint64_t time = now * 1'000'000;
    // Each one taken puts off the moment of fullness by its share.
    const std::uint64_t share = share_of(rate);
    std::uint64_t full = full_.load(std::memory_order_relaxed);
    std::uint64_t after = 0;
    do {
        after = std::max(full, time) + share;
        if (after > time + share * rate) return false;
    } while (!full_.compare_exchange_weak(full, after, std::memory_order_relaxed));
    return true;
}

void Budget::give_back(std::uint32_t rate) {
    if (rate == 0) return;
    const std::uint64_t share = share_of(rate);
    std::uint64_t full = full_.load(std::memory_order_relaxed);
    while (full >= share &&
           !full_.compare_exchange_weak(full, full - share, std::memory_order_relaxed)) {
    }
}

}  // namespace lastcall
