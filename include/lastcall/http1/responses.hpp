// The response side of a conversation: fed what the server writes, it answers with what to send.
// Before the last exchange it only follows. In the last one it is a transducer, byte sequence in,
// byte sequence out, whose result does not depend on how the input is cut. It is a value: try it
// on a copy, send, then repeat as much on the original as was sent. Knows no descriptor.
#pragma once

#include <lastcall/http1/close_option.hpp>
#include <lastcall/http1/exchanges.hpp>
#include <lastcall/http1/message.hpp>
#include <lastcall/http1/plain.hpp>

namespace lastcall {

class Responses {
public:
    // Follows bytes the kernel has taken, of responses before the last. A reason other than `no`
    // turns the connection opaque, or to HTTP/2; then `rest` is what comes behind the head of a
    // 101, or from the byte on that was not understood.
    [[nodiscard]] Opaque follow(Bytes in, Exchanges& exchanges, Bytes& rest) {
        const std::size_t one = follow_one(in, exchanges);
        return one == in.size() ? Opaque::no : follow_rest(from(in, one), exchanges, rest);
    }

    // The first part of following, and mostly all of it: a final response to an ordinary request,
    // with a plain head that is there as a whole, and what is there of its body. How many bytes
    // that is; 0: it is for the other part.
    [[nodiscard, gnu::always_inline]] inline std::size_t follow_one(Bytes in,
                                                                    Exchanges& exchanges) {
        if (!follower_.between() || !at_ordinary(exchanges)) return 0;
        std::uint16_t status = 0;
        FramingFields fields;
        const std::size_t head = plain::response_head(in, status, fields);
        if (head == 0) return 0;
        const BodyEnd end = response_body_end(RequestKind::ordinary, status, fields);
        const std::size_t body = follower_.begin_body(end, fields.length, from(in, head));
        if (!follower_.in_body()) exchanges.answered(++answered_);
        return head + body;
    }
    // And the other, for the bytes behind those.
    [[nodiscard]] Opaque follow_rest(Bytes in, Exchanges& exchanges, Bytes& rest);

    // Bytes of a response's body, and not its last: their number is enough. False: follow() is to
    // judge.
    [[nodiscard]] bool pass_body(std::size_t size) {
        return phase_ == Phase::following && follower_.in_body() && follower_.body().pass(size);
    }

    struct Step {
        std::size_t taken = 0;  // bytes of the input this step consumes
        std::size_t sent = 0;   // bytes it sends: the first of the input, or those in the output
        bool verbatim = true;   // they are the input's, and the step may stop after any of them
        Opaque reason = Opaque::no;  // the edit will not happen: the connection is opaque
    };

    // The next step over input that may hold bytes of the last exchange; `in` is not empty.
    // Every step takes or sends something, or is the turn to opaque.
    [[nodiscard]] Step step(Bytes in, const Exchanges& exchanges, CloseOption& edit,
                            CloseOption::Output out);

    // For bytes that reach the socket unseen (sendfile, splice): how many may, and that they did.
    [[nodiscard]] std::uint64_t countable() const;
    void skip(std::uint64_t count, Exchanges& exchanges);

    // Has a byte of the last response, or of an interim one before it, been followed?
    [[nodiscard]] bool begun_last(const Exchanges& exchanges) const {
        const std::uint32_t last = exchanges.last();
        return last != 0 && (answered_ >= last || (answered_ + 1 == last && follower_.begun()));
    }

    // Behind the head that says close: the bytes of its content go as they are, and are followed
    // once they have gone. What cannot be followed lasts until either side closes.
    void follow_content(Bytes in, const Exchanges& exchanges);
    // Of so many bytes behind it, how many go out? Its content; all of them where only they can
    // tell, or where the end is not ours.
    [[nodiscard]] std::size_t content(std::size_t size, const Exchanges& exchanges) const;
    // Will the response be over with exactly so many bytes more, as far as can be told without
    // them?
    [[nodiscard]] bool over_with(std::size_t size, const Exchanges& exchanges) const;

    // Nothing is edited from here on: what the edit holds back goes first, then everything passes
    // as the server wrote it. An edit that is complete, and what follows it, stay.
    void abandon();
    // Everything passes, and what was held back is nobody's any more.
    void let_go() { phase_ = Phase::let_go; }
    [[nodiscard]] bool given_up() const {
        return phase_ == Phase::releasing || phase_ == Phase::let_go;
    }

    [[nodiscard]] bool passing() const { return phase_ == Phase::let_go; }
    // The last response is over, the server's late bytes go nowhere, and the connection is ours to
    // half-close. If it would not have persisted anyway, this is never so.
    [[nodiscard]] bool over() const { return phase_ == Phase::over; }
    // The last response has ended, whoever closes.
    [[nodiscard]] bool whole() const { return whole_; }
    // The head that says close is out, and only a close can tell where the response ends.
    [[nodiscard]] bool endless() const {
        if (!said_close_ || whole_) return false;
        return phase_ == Phase::let_go || (phase_ == Phase::following && follower_.in_body() &&
                                           follower_.body().end() == BodyEnd::until_close);
    }
    // Has the head that says close been completed?
    [[nodiscard]] bool said_close() const { return said_close_; }
    [[nodiscard]] std::uint32_t answered() const { return answered_; }

private:
    enum class Phase : std::uint8_t {
        following,
        finishing,  // a malformed head in which the edit had begun
        releasing,  // abandoned, with bytes perhaps held back
        over,
        let_go
    };

    [[nodiscard]] Step step_field(char c, const Exchanges& exchanges, CloseOption& edit,
                                  CloseOption::Output out);
    [[nodiscard]] Step step_lines(Bytes in, const Exchanges& exchanges, CloseOption& edit,
                                  CloseOption::Output out);
    [[nodiscard]] Step give_up(Opaque reason, CloseOption& edit, CloseOption::Output out);
    [[nodiscard]] bool at_ordinary(const Exchanges& exchanges) const {
        const std::uint32_t next = answered_ + 1;
        return exchanges.outstanding(next) && next != exchanges.last() &&
               exchanges.kind(next) == RequestKind::ordinary;
    }
    // The last response is never followed blindly: it would go out unedited.
    [[nodiscard]] bool may_follow(const Exchanges& exchanges) const {
        return exchanges.outstanding(answered_ + 1) && !at_last(exchanges);
    }
    // A connection that would not have persisted is the server's to close.
    [[nodiscard]] bool persists(const Exchanges& exchanges) const {
        return exchanges.last_persists() && follower_.persists();
    }
    [[nodiscard]] Opaque settle(Event event, const Exchanges& exchanges);
    void end_message(const Exchanges& exchanges);
    [[nodiscard]] bool at_last(const Exchanges& exchanges) const {
        return answered_ + 1 == exchanges.last();
    }
    [[nodiscard]] RequestKind kind(const Exchanges& exchanges) const {
        return exchanges.kind(answered_ + 1);
    }

    ResponseFollower follower_;
    std::uint32_t answered_ = 0;
    Phase phase_ = Phase::following;
    bool said_close_ = false;
    bool whole_ = false;
};

}  // namespace lastcall
