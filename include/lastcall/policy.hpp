// Which exchange of a connection is its last: the limits, and the question, as pure functions of a
// connection's standing and the time. Asked in one place, when a request's head has been followed.
// Has no clock and no randomness of its own: the caller brings both.
#pragma once

#include <atomic>
#include <cstdint>

namespace lastcall {

// A moment of some clock that only goes forward, in milliseconds.
using Moment = std::uint64_t;

// A drain: from its start on a rising share of all requests is picked; all of them once it is over.
struct Drain {
    Moment start = 0;        // 0: none
    std::uint32_t ramp = 0;  // milliseconds until every request is picked
};

struct Policy {
    std::uint32_t requests = 0;  // exchanges per connection, 1 to 2147483647; 0: no limit
    std::uint32_t age = 0;       // milliseconds; 0: no limit
    std::uint32_t jitter = 0;  // percent, 0 to 100: how far below the limits a connection's may lie
    std::uint32_t rate = 0;    // last exchanges a second, and at once at most; 0: no budget
    Drain drain = {};
};

// Can any connection ever be asked to close? If not, none need be followed.
[[nodiscard]] constexpr bool limits(const Policy& policy) {
    return policy.requests != 0 || policy.age != 0 || policy.drain.start != 0;
}

// Does the answer depend on the time?
[[nodiscard]] constexpr bool timed(const Policy& policy) {
    return policy.age != 0 || policy.rate != 0 || policy.drain.start != 0;
}

// What a connection brings to the question.
struct Standing {
    Moment born = 0;
    // Drawn at birth, uniform over all values. Says where below a limit this connection's own lies;
    // a limit changed later keeps the fraction.
    std::uint32_t draw = 0;
};

// A connection's own limit: from [limit * (1 - jitter), limit], at least 1.
[[nodiscard]] std::uint32_t own_limit(std::uint32_t limit, std::uint32_t jitter,
                                      std::uint32_t draw);

enum class Trigger : std::uint8_t { none, requests, age, drain };

// Which trigger, if any, would make this exchange the last. exchange: the request's number on its
// connection, from 1. The budget is not asked.
[[nodiscard]] Trigger due(const Policy& policy, const Standing& standing, std::uint32_t exchange,
                          Moment now);

// Exchanges of any connection before this one are never due under the policy, at no time.
[[nodiscard]] std::uint32_t first_due(const Policy& policy);

// The rate budget: a bucket of `rate` last exchanges, filled at `rate` a second. Shared by all
// threads without a lock; full at first.
class Budget {
public:
    // Takes one, if there is one. A rate of 0 always grants.
    [[nodiscard]] bool grant(std::uint32_t rate, Moment now);
    // What was granted was not used after all.
    void give_back(std::uint32_t rate);

private:
    // The moment, in nanoseconds, at which the bucket will be full again.
    std::atomic<std::uint64_t> full_ = 0;
};

}  // namespace lastcall
