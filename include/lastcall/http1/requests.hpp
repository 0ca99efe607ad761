// The request side of a conversation: fed what the server reads, it says how much of it the server
// may have. Decides which exchange is the last. Knows no descriptor.
#pragma once

#include <lastcall/http1/exchanges.hpp>
#include <lastcall/http1/message.hpp>
#include <lastcall/http1/plain.hpp>
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

class Requests {
public:
    // A new connection's.
    void begin(const Standing& standing) { standing_ = standing; }

    struct Intake {
        std::size_t delivered = 0;   // fewer than were fed: the rest is behind the last request
        Opaque reason = Opaque::no;  // otherwise all are the server's, and the connection opaque
        Picked picked = {};
    };

    [[nodiscard]] Intake take(Bytes in, Exchanges& exchanges, const Terms& terms) {
        const std::size_t one = take_one(in, exchanges, terms.first_due);
        return one == in.size() ? Intake{one} : take_rest(in, one, exchanges, terms);
    }

    // The first part of taking, and mostly all of it: an ordinary request with a plain head that is
    // there as a whole, and that cannot be the last. first_due: of the policy in force. How many
    // bytes it and what is there of its content are; 0: it is for the other part.
    [[nodiscard, gnu::always_inline]] inline std::size_t take_one(Bytes in, Exchanges& exchanges,
                                                                  std::uint32_t first_due) {
        const std::uint32_t exchange = exchanges.begun() + 1;
        if (!may_take_plain(exchanges) || exchange - before_ >= first_due) return 0;
        FramingFields fields;
        const std::size_t head = plain::request_head(in, fields);
        if (head == 0) return 0;
        exchanges.begin_ordinary(exchange);
        // Without Content-Length there is none: RFC 9112 6.3 (7).
        return head + follower_.begin_body(fields.length, from(in, head));
    }
    // And the other, for the bytes behind those taken.
    [[nodiscard]] Intake take_rest(Bytes in, std::size_t taken, Exchanges& exchanges,
                                   const Terms& terms);

    // Bytes of a request's body, and not its last: their number is enough. False: take() is to
    // judge.
    [[nodiscard]] bool pass_body(std::size_t size) {
        return follower_.in_body() && follower_.body().pass(size);
    }

    // The same answer for bytes that stay in the kernel (MSG_PEEK): asked of copies, whose state
    // then stands for the connection's as it would be. The rate budget counts as granting.
    [[nodiscard]] Intake peek(Bytes in, Exchanges& copied, Terms terms);

    // Has the last request been taken to its end? Whatever comes then is behind it.
    [[nodiscard]] bool over() const { return over_; }
    // It is not the last after all: the next request asks again. What had picked it.
    Trigger put_off(Exchanges& exchanges);

    // For bytes that leave the socket unseen (splice): how many may, and that they did.
    [[nodiscard]] std::uint64_t countable();
    void skip(std::uint64_t count);

private:
    [[nodiscard]] bool may_take_plain(const Exchanges& exchanges) const {
        return follower_.between() && !over_ && !exchanges.connect_outstanding();
    }
    [[nodiscard]] std::size_t take_plain(Bytes in, Exchanges& exchanges, const Terms& terms);

    // A request's head has been followed. False: too many are outstanding.
    [[nodiscard]] bool begin(Exchanges& exchanges, const Terms& terms, Picked& picked);

    [[nodiscard]] Trigger due(const Terms& terms, std::uint32_t exchange) const {
        if (exchange - before_ < terms.first_due) return Trigger::none;
        return lastcall::due(terms.policy, standing_, exchange - before_, terms.now);
    }

    RequestFollower follower_;
    Standing standing_;
    std::uint32_t before_ = 0;  // exchanges that do not count any more (observation)
    Trigger picked_ = Trigger::none;
    bool over_ = false;
};

}  // namespace lastcall
