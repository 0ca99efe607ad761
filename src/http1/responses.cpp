// Follows responses in the order of their requests and makes the edit in the last one's head.

#include <lastcall/http1/responses.hpp>

#include <algorithm>

namespace lastcall {
namespace {

constexpr int switching_protocols = 101;

constexpr bool is_tunnel(RequestKind request, int status) {
    return request == RequestKind::connect && status >= 200 && status < 300;
}

}  // namespace

Opaque Responses::follow_rest(Bytes in, Exchanges& exchanges, Bytes& rest) {
    while (!in.empty()) {
        if (const std::size_t one = follow_one(in, exchanges); one != 0) {
            in = from(in, one);
            continue;
        }
        if (!follower_.begun()) {
            in = from(in, follower_.skip_empty_lines(in));
            if (in.empty()) break;
            if (follower_.between() && !may_follow(exchanges)) {
                rest = in;
                return Opaque::unsolicited;
            }
        }
        const Followed part = follower_.follow(in, kind(exchanges));
        in = from(in, part.taken);
        const Opaque reason =
            part.event == Event::malformed ? part.reason : settle(part.event, exchanges);
        if (reason != Opaque::no) {
            rest = in;
            return reason;
        }
    }
    exchanges.answered(answered_);
    return Opaque::no;
}

// What an event means for the conversation, whichever exchange it belongs to.
Opaque Responses::settle(Event event, const Exchanges& exchanges) {
    if (event == Event::head) {
        if (follower_.status() == switching_protocols) return Opaque::upgrade;
        if (is_tunnel(kind(exchanges), follower_.status())) return Opaque::tunnel;
    }
    if (event == Event::message || follower_.end_message()) end_message(exchanges);
    return Opaque::no;
}

void Responses::end_message(const Exchanges& exchanges) {
    const bool last = at_last(exchanges);
    ++answered_;
    if (!last) return;
    phase_ = persists(exchanges) ? Phase::over : Phase::let_go;
    whole_ = true;
}

Responses::Step Responses::step(Bytes in, const Exchanges& exchanges, CloseOption& edit,
                                CloseOption::Output out) {
    if (phase_ == Phase::let_go) return {in.size(), in.size(), true, Opaque::no};
    if (phase_ == Phase::over) return {in.size(), 0, false, Opaque::no};
    if (phase_ == Phase::releasing) return give_up(Opaque::no, edit, out);
    if (phase_ == Phase::finishing) {
        const std::size_t sent = edit.feed(in[0], out);
        said_close_ = edit.done();
        if (said_close_) phase_ = Phase::let_go;
        return {1, sent, false, Opaque::no};
    }
    const std::size_t empty = follower_.skip_empty_lines(in);
    if (empty != 0) return {empty, empty, true, Opaque::no};
    if (follower_.between() && !exchanges.outstanding(answered_ + 1)) {
        return give_up(Opaque::unsolicited, edit, out);
    }
    const bool edited = at_last(exchanges) && follower_.in_fields() && follower_.status() >= 200;
    if (edited) {
        const std::size_t staying = edit.staying(in);
        if (staying != 0) return step_lines(first(in, staying), exchanges, edit, out);
        return step_field(in[0], exchanges, edit, out);
    }

    const Followed part = follower_.follow(in, kind(exchanges));
    Opaque reason = part.reason;
    if (reason == Opaque::no) reason = settle(part.event, exchanges);
    if (reason == Opaque::no) return {part.taken, part.taken, true, Opaque::no};
    // What was understood before the offending byte goes first.
    Step step = give_up(reason, edit, out);
    step.taken = step.sent = part.taken;
    return step;
}

Responses::Step Responses::step_field(char c, const Exchanges& exchanges, CloseOption& edit,
                                      CloseOption::Output out) {
    const Followed part = follower_.follow({&c, 1}, kind(exchanges));
    if (part.event == Event::malformed) {
        if (!edit.begun()) return give_up(part.reason, edit, out);
        phase_ = Phase::finishing;
    }
    const std::size_t sent = edit.feed(c, out);
    said_close_ = edit.done();
    if (said_close_ && phase_ == Phase::finishing) phase_ = Phase::let_go;
    return {1, sent, false, settle(part.event, exchanges)};
}

// Bytes of the last head that stay, all as they are.
Responses::Step Responses::step_lines(Bytes in, const Exchanges& exchanges, CloseOption& edit,
                                      CloseOption::Output out) {
    const Followed part = follower_.follow(in, kind(exchanges));
    edit.pass(first(in, part.taken));
    Step step{part.taken, part.taken, true, Opaque::no};
    if (part.event != Event::malformed) return step;
    if (!edit.begun()) {
        step.reason = give_up(part.reason, edit, out).reason;
        return step;
    }
    phase_ = Phase::finishing;
    return part.taken != 0 ? step : this->step(in, exchanges, edit, out);
}

void Responses::follow_content(Bytes in, const Exchanges& exchanges) {
    while (!in.empty() && phase_ == Phase::following) {
        const Followed part = follower_.follow(in, kind(exchanges));
        in = from(in, part.taken);
        if (part.event == Event::malformed) return let_go();
        static_cast<void>(settle(part.event, exchanges));
    }
}

std::size_t Responses::content(std::size_t size, const Exchanges& exchanges) const {
    if (phase_ == Phase::over) return 0;
    const bool counted = phase_ == Phase::following && persists(exchanges) &&
                         follower_.body().end() == BodyEnd::counted;
    return counted ? static_cast<std::size_t>(std::min<std::uint64_t>(size, countable())) : size;
}

bool Responses::over_with(std::size_t size, const Exchanges& exchanges) const {
    if (phase_ == Phase::over) return size == 0;
    return phase_ == Phase::following && persists(exchanges) && follower_.in_body() &&
           follower_.body().end() == BodyEnd::counted && countable() == size;
}

// Not edited and never will be. If the close option has been sent already, the response lasts until
// either side closes, and the connection is not opaque: it is ending.
Responses::Step Responses::give_up(Opaque reason, CloseOption& edit, CloseOption::Output out) {
    phase_ = Phase::let_go;
    const std::size_t held = said_close_ ? 0 : edit.release(out);
    return {0, held, held == 0, said_close_ ? Opaque::no : reason};
}

void Responses::abandon() {
    if (phase_ == Phase::over) return;
    phase_ = said_close_ || phase_ == Phase::let_go ? Phase::let_go : Phase::releasing;
}

std::uint64_t Responses::countable() const {
    if (phase_ == Phase::let_go) return longest_length;
    return phase_ == Phase::following && follower_.in_body() ? follower_.body().countable() : 0;
}

void Responses::skip(std::uint64_t count, Exchanges& exchanges) {
    if (phase_ != Phase::following || count == 0) return;
    follower_.body().skip(count);
    if (!follower_.body().done()) return;
    if (follower_.end_message()) end_message(exchanges);
    exchanges.answered(answered_);
}

}  // namespace lastcall
