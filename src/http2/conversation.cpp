// Streams as both sides see them, and what we say.

#include <lastcall/http2/conversation.hpp>

namespace lastcall::http2 {
namespace {

constexpr Bytes preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";  // RFC 9113 3.4

constexpr bool is_clients(std::uint32_t stream) { return (stream & 1) != 0; }

}  // namespace

void Conversation::begin_upgraded() {
    highest_ = 1;
    streams_.open(highest_);
    streams_.end_client(highest_);
}

bool Conversation::take_preface(Bytes in, std::size_t& taken) {
    static_assert(preface.size() == preface_size);
    while (preface_ < preface_size && taken < in.size()) {
        if (in[taken] != preface[preface_]) return false;
        ++taken;
        ++preface_;
    }
    return true;
}

Conversation::Step Conversation::take(Bytes in) {
    std::size_t taken = 0;
    if (preface_ < preface_size && !take_preface(in, taken)) {
        return {taken, false, Opaque::not_http};
    }
    for (;;) {
        const Followed part = in_.follow(from(in, taken));
        taken += part.taken;
        if (part.event == Event::incomplete) return {taken, false, Opaque::no};
        if (part.event == Event::malformed) return {taken, false, Opaque::malformed_frames};
        if (part.event == Event::headers && begin_stream()) return {taken, true, Opaque::no};
        note_input(part.event);
    }
}

// RFC 9113 5.1.1: a stream's id is above those of all before it; else these are trailers, or of a
// stream that is closed.
bool Conversation::begin_stream() {
    const std::uint32_t stream = in_.stream();
    if (!is_clients(stream) || stream <= highest_) return false;
    highest_ = stream;
    streams_.open(stream);
    stir();
    sent_on_ = sent_on_ || visited_;
    return true;
}

void Conversation::note_input(Event event) {
    if (event == Event::ended && streams_.end_client(in_.stream())) stir();
    if (event == Event::reset && streams_.reset(in_.stream())) stir();
}

Opaque Conversation::follow(Bytes out) {
    for (;;) {
        const Followed part = out_.follow(out);
        out = from(out, part.taken);
        if (part.event == Event::incomplete) return Opaque::no;
        if (part.event == Event::malformed) return Opaque::malformed_frames;
        // What the server answers has been read before; else this is another's output.
        if (is_clients(out_.stream()) && out_.stream() > highest_) return Opaque::malformed_frames;
        note_output(part.event);
    }
}

void Conversation::note_output(Event event) {
    const std::uint32_t stream = out_.stream();
    switch (event) {
        case Event::headers:
            if (is_clients(stream)) return;
            streams_.open(stream);
            return stir();
        case Event::ended:
            if (streams_.end_server(stream)) stir();
            return;
        case Event::reset:
            if (streams_.reset(stream)) stir();
            return;
        case Event::goaway: server_goes_ = true; return;
        case Event::incomplete:
        case Event::malformed: return;
    }
}

Bytes Conversation::unsaid() const {
    const Bytes all = told() ? Bytes{last_.data(), last_.size()} : Bytes{go.data(), go.size()};
    return from(all, said_ % goaway_size);
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
