// What a read brings, request by request: plain ones at a glance, and all others by the events of
// the request follower.

#include <lastcall/http1/requests.hpp>

namespace lastcall {

// As take_one, for as many as there are; due or not is asked in full.
std::size_t Requests::take_plain(Bytes in, Exchanges& exchanges, const Terms& terms) {
    std::size_t taken = 0;
    while (taken < in.size() && choice_.due(terms, exchanges.begun() + 1) == Trigger::none) {
        const std::size_t one = take_one(from(in, taken), exchanges, UINT32_MAX);
        if (one == 0) break;
        taken += one;
    }
    return taken;
}

Requests::Intake Requests::take_rest(Bytes in, std::size_t taken, Exchanges& exchanges,
                                     const Terms& terms) {
    Intake intake{taken};
    while (intake.delivered < in.size() && !over_ && intake.reason == Opaque::no) {
        intake.delivered += take_plain(from(in, intake.delivered), exchanges, terms);
        const Bytes rest = from(in, intake.delivered);
        if (rest.empty()) break;
        if (!follower_.in_body() && exchanges.connect_outstanding()) {
            intake.reason = Opaque::tunnel;
            break;
        }
        if (follower_.between())
            follower_.begin_search(choice_.due(terms, exchanges.begun() + 1) != Trigger::none);
        const Followed part = follower_.follow(rest);
        intake.delivered += part.taken;
        intake.reason = part.reason;
        if (part.event == Event::head && !begin(exchanges, terms, intake.picked)) {
            intake.reason = Opaque::too_many;
        }
        if (part.event == Event::message || follower_.end_message())
            over_ = choice_.picked() != Trigger::none;
    }
    if (intake.reason != Opaque::no) {
        intake.understood = intake.delivered;
        intake.delivered = in.size();
    }
    return intake;
}

Requests::Intake Requests::seek_preface(Bytes in) {
    Intake intake;
    while (intake.understood < in.size() && intake.reason == Opaque::no) {
        const Followed part = follower_.follow(from(in, intake.understood));
        intake.understood += part.taken;
        intake.reason = part.event == Event::head ? Opaque::not_http : part.reason;
        static_cast<void>(follower_.end_message());
    }
    intake.delivered = in.size();
    return intake;
}

bool Requests::begin(Exchanges& exchanges, const Terms& terms, Picked& picked) {
    if (!exchanges.begin(follower_.kind())) return false;
    // A CONNECT is never picked: its response may be the beginning of a tunnel.
    if (follower_.kind() == RequestKind::connect) return true;
    const std::uint32_t exchange = exchanges.begun();
    const Trigger trigger = choice_.due(terms, exchange);
    if (trigger == Trigger::none) return true;
    // Its content would be taken for bytes behind it, and thrown away: the next one is asked again.
    if (follower_.unframed()) return true;
    if (choice_.pick(terms, exchange, trigger, picked)) exchanges.pick_newest(follower_.persists());
    return true;
}

Trigger Requests::put_off(Exchanges& exchanges) {
    exchanges.put_off();
    over_ = false;
    return choice_.put_off();
}

Requests::Intake Requests::peek(Bytes in, Exchanges& copied, Terms terms) {
    terms.budget = nullptr;
    return take(in, copied, terms);
}

std::uint64_t Requests::countable() {
    return !over_ && follower_.in_body() ? follower_.body().countable() : 0;
}

void Requests::skip(std::uint64_t count) {
    follower_.body().skip(count);
    if (follower_.end_message()) over_ = choice_.picked() != Trigger::none;
}

}  // namespace lastcall
