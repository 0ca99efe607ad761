// Streams as both sides see them, and what we say.

#include <lastcall/http2/conversation.hpp>

namespace lastcall::http2 {
namespace {

constexpr Bytes preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";  // RFC 9113 3.4

}  // namespace

void Conversation::begin_upgraded() {
    upgraded_ = true;
    highest_ = 1;
    streams_.open(highest_);
    streams_.end_client(highest_);
}

bool Conversation::take_preface(Bytes in) {
    static_assert(preface.size() == preface_size);
    for (const char byte : first(in, preface_size - preface_)) {
        if (byte != preface[preface_]) return false;
        ++preface_;
    }
    if (preface_ == preface_size) note_choice();
    return true;
}

void Conversation::skip_input(std::uint32_t count) { note_input(in_.pass(count)); }

void Conversation::ask(const Terms& terms, std::uint32_t exchange, Picked& picked) {
    const bool asked = choice_.picked() != Trigger::none;
    const Trigger trigger = asked ? Trigger::none : choice_.due(terms, exchange);
    if (trigger != Trigger::none && choice_.pick(terms, exchange, trigger, picked)) note_choice();
}

void Conversation::skip_output(std::uint32_t count) { note_output(out_.pass(count)); }

Conversation::Visit Conversation::visit() {
    visited_ = true;
    const bool known = !streams_.overflowed() && !out_.promised();
    if (server_goes_ || gives_unseen_ || !known) return Visit::never;
    const bool quiet = !stirred_ && streams_.none() && in_.open_to_any() && out_.open_to_any();
    stirred_ = false;
    return quiet ? Visit::finish : Visit::wait;
}

Bytes Conversation::finish() {
    last_ = goaway(highest_);
    return {last_.data(), last_.size()};
}

}  // namespace lastcall::http2
