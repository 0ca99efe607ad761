// Streams as both sides see them, and what we say.

#include <lastcall/http2/conversation.hpp>

namespace lastcall::http2 {
namespace {

constexpr Bytes preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";  // RFC 9113 3.4

}  // namespace

void Conversation::begin_upgraded() {
    highest_ = 1;
    streams_.open(highest_);
    streams_.end_client(highest_);
}

bool Conversation::take_preface(Bytes& in) {
    static_assert(preface.size() == preface_size);
    while (preface_ < preface_size && !in.empty()) {
        if (in[0] != preface[preface_]) return false;
        in = from(in, 1);
        ++preface_;
    }
    return true;
}

void Conversation::skip_input(std::uint32_t count) {
    const Event event = in_.pass(count);
    if (event == Event::ended && streams_.end_client(in_.stream())) stir();
    if (event == Event::reset && streams_.reset(in_.stream())) stir();
}

void Conversation::ask(const Terms& terms, std::uint32_t exchange, Picked& picked) {
    const bool asked = choice_.picked() != Trigger::none;
    const Trigger trigger = asked ? Trigger::none : choice_.due(terms, exchange);
    if (trigger != Trigger::none && choice_.pick(terms, exchange, trigger, picked)) note_choice();
}

Opaque Conversation::follow(Bytes out) {
    for (;;) {
        const Followed part = out_.follow(out);
        out = from(out, part.taken);
        if (part.event == Event::incomplete) return Opaque::no;
        if (part.event == Event::malformed) return Opaque::malformed_frames;
        const std::uint32_t stream = out_.stream();
        if (!is_clients(stream)) [[unlikely]] {
            note_output(part.event);
            continue;
        }
        // What the server answers has been read before; else this is another's output.
        if (stream > highest_) return Opaque::malformed_frames;
        if (part.event == Event::headers) continue;
        const bool was_open =
            part.event == Event::reset ? streams_.reset(stream) : streams_.end_server(stream);
        if (was_open) stir();
    }
}

void Conversation::note_output(Event event) {
    const std::uint32_t stream = out_.stream();
    switch (event) {
        case Event::headers:
            if (!is_clients(stream)) streams_.open(stream), stir();
            return;
        case Event::whole:  // a push that began and ended with it, or its trailers
        case Event::ended:
            if (streams_.end_server(stream)) stir();
            return;
        case Event::reset:
            if (streams_.reset(stream)) stir();
            return;
        case Event::goaway:
            server_goes_ = true;
            has_to_say_ = is_cut();
            return;
        case Event::incomplete:
        case Event::malformed: return;
    }
}

Conversation::Visit Conversation::visit() {
    visited_ = true;
    if (server_goes_ || streams_.overflowed()) return Visit::never;
    const bool quiet = !stirred_ && streams_.none() && in_.open_to_any() && out_.open_to_any();
    stirred_ = false;
    return quiet ? Visit::finish : Visit::wait;
}

Bytes Conversation::finish() {
    last_ = goaway(highest_);
    return {last_.data(), last_.size()};
}

}  // namespace lastcall::http2
