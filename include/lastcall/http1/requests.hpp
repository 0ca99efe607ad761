// The request side of a conversation: fed what the server reads, it says how much of it the server
// may have. Decides which exchange is the last. Knows no descriptor.
#pragma once

#include <lastcall/choice.hpp>
#include <lastcall/http1/exchanges.hpp>
#include <lastcall/http1/message.hpp>
#include <lastcall/http1/plain.hpp>

namespace lastcall {

class Requests {
public:
    // A new connection's.
    void begin(const Standing& standing) { choice_.begin(standing); }

    struct Intake {
        std::size_t delivered = 0;   // fewer than were fed: the rest is behind the last request
        Opaque reason = Opaque::no;  // otherwise all are the server's, and the connection opaque
        Picked picked = {};
        std::size_t understood = 0;  // with a reason: bytes before the one that gave it
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
        if (!may_take_plain(exchanges) || !choice_.is_early(exchange, first_due)) return 0;
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

    // Where the server is known to speak HTTP/2, what comes before its client's preface: the rest
    // of the request that asked for it, or a PROXY header. The reason http2: the preface has begun.
    [[nodiscard]] Intake seek_preface(Bytes in);
    [[nodiscard]] const Choice& choice() const { return choice_; }

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

    RequestFollower follower_;
    [[no_unique_address]] Choice choice_;  // its padding has room for what follows
    bool over_ = false;
};

}  // namespace lastcall
