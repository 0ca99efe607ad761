// The one decision: is this exchange the last of its connection? The limits with the time and the
// rate budget brought to it, and what a connection remembers of having been asked. Does not know
// what an exchange is made of: both protocols ask here.
#pragma once

#include <lastcall/policy.hpp>

namespace lastcall {

// Under what a read is judged: the limits in force, the time if they depend on it, and the budget.
struct Terms {
    Terms(const Policy& limits) : policy(limits), first_due(lastcall::first_due(limits)) {}
    Terms(const Policy& limits, Moment time, Budget& rate_budget, bool only_observe)
        : policy(limits),
          first_due(lastcall::first_due(limits)),
          now(time),
          budget(&rate_budget),
          observe(only_observe) {}

    Policy policy;
    std::uint32_t first_due;  // of the policy
    Moment now = 0;
    Budget* budget = nullptr;  // null: no rate is kept
    bool observe = false;      // a last exchange is only counted, and the connection starts anew
};

// Exchanges that became the last, or in observation would have, by trigger; and those that the rate
// budget put off.
struct Picked {
    std::uint32_t requests = 0;
    std::uint32_t age = 0;
    std::uint32_t drain = 0;
    std::uint32_t deferred = 0;

    [[nodiscard]] bool any() const { return (requests | age | drain | deferred) != 0; }
    [[nodiscard]] std::uint32_t& by(Trigger trigger) {
        if (trigger == Trigger::requests) return requests;
        return trigger == Trigger::age ? age : drain;
    }
    void add(const Picked& more) {
        requests += more.requests;
        age += more.age;
        drain += more.drain;
        deferred += more.deferred;
    }
};

class Choice {
public:
    // A new connection's.
    void begin(const Standing& standing) { standing_ = standing; }

    // Can the exchange, numbered from 1, not be the last? first_due: of the policy in force.
    [[nodiscard]] bool is_early(std::uint32_t exchange, std::uint32_t first_due) const {
        return exchange - before_ < first_due;
    }
    [[nodiscard]] Trigger due(const Terms& terms, std::uint32_t exchange) const {
        if (is_early(exchange, terms.first_due)) return Trigger::none;
        return lastcall::due(terms.policy, standing_, exchange - before_, terms.now);
    }
    // It may be, and is due by this trigger: is it picked? Not where the budget grants none, nor in
    // observation, which only counts it.
    [[nodiscard]] bool pick(const Terms& terms, std::uint32_t exchange, Trigger trigger,
                            Picked& picked);
    // It is not the last after all. What had picked it.
    Trigger put_off();

    [[nodiscard]] Trigger picked() const { return picked_; }

private:
    Standing standing_;
    std::uint32_t before_ = 0;  // exchanges that do not count any more (observation)
    Trigger picked_ = Trigger::none;
};

}  // namespace lastcall
