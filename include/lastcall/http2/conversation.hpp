// The two directions of an HTTP/2 connection: fed what the server reads and what the kernel has
// sent, it says which exchanges begin, where a GOAWAY may stand, and when nobody would miss the
// connection any more. Both directions meet in each stream, so whoever feeds either has it for
// himself. Knows no descriptor and no clock. (RFC 9113)
#pragma once

#include <lastcall/choice.hpp>
#include <lastcall/http2/frames.hpp>
#include <lastcall/http2/streams.hpp>
#include <lastcall/progress.hpp>

#include <array>

namespace lastcall::http2 {

inline constexpr std::size_t goaway_size = 17;
using Goaway = std::array<char, goaway_size>;

// NO_ERROR, no debug data. (RFC 9113 6.8)
[[nodiscard]] constexpr Goaway goaway(std::uint32_t last_stream) {
    const auto byte = [&](int shift) { return static_cast<char>(last_stream >> shift & 0xff); };
    return {0, 0, 8, 7, 0, 0, 0, 0, 0, byte(24), byte(16), byte(8), byte(0), 0, 0, 0, 0};
}
// The client is to open no more streams here; those on their way will be served.
inline constexpr std::uint32_t any_stream = 0x7fffffff;
// In memory that stays, whatever the kernel does with it (MSG_ZEROCOPY).
inline constexpr Goaway go = goaway(any_stream);

class Conversation {
public:
    // The first stream is the HTTP/1.1 request that was answered by 101. (RFC 7540 3.2)
    void begin_upgraded();

    // ---- what the client says ----

    // Its preface has begun: of that, so many bytes have been seen elsewhere.
    void begin_input(std::size_t seen) { preface_ = static_cast<std::uint8_t>(seen); }
    [[nodiscard]] bool input_begun() const { return preface_ != 0; }
    [[nodiscard]] bool upgraded() const { return upgraded_; }

    // None of the bytes is ever kept from the server. on_open is called for each stream that opens.
    template <typename Use>
    [[nodiscard]] Opaque take(Bytes in, Use on_open) {
        if (preface_ < preface_size) [[unlikely]] {
            const std::size_t seen = preface_;
            if (!take_preface(in)) return Opaque::not_http;
            in = from(in, preface_ - seen);
        }
        for (;;) {
            const Followed part = in_.follow(in);
            if (part.event == Event::incomplete) return Opaque::no;
            if (part.event == Event::malformed) return Opaque::malformed_frames;
            in.remove_prefix(part.taken);
            if (includes(part.event, Event::headers) && begins_stream()) on_open();
            note_input(part.event);
        }
    }
    // Exchanges are chosen from as the connection's were before.
    void begin_choice(const Choice& choice) { choice_ = choice; }
    [[nodiscard]] const Choice& choice() const { return choice_; }
    // Of a stream that has opened: is it the one at which the client is told?
    void ask(const Terms& terms, std::uint32_t exchange, Picked& picked);
    // Payload that leaves the socket unseen: how much may, and that it did.
    [[nodiscard]] std::uint32_t countable_input() const { return in_.countable(); }
    void skip_input(std::uint32_t count);
    // It goes where it cannot be thrown away: so the connection is never finished.
    void give_unseen() { gives_unseen_ = true; }

    // ---- what the server says ----

    // The kernel has taken these bytes of the server's.
    [[nodiscard]] Opaque follow(Bytes out) {
        for (;;) {
            const Followed part = out_.follow(out);
            if (part.event == Event::incomplete) return Opaque::no;
            if (part.event == Event::malformed) return Opaque::malformed_frames;
            out.remove_prefix(part.taken);
            // What the server answers has been read before; else this is another's output.
            const std::uint32_t stream = out_.stream();
            if (is_clients(stream) && stream > highest_) return Opaque::malformed_frames;
            note_output(part.event);
        }
    }
    [[nodiscard]] const Frames& output() const { return out_; }
    void skip_output(std::uint32_t count);

    // ---- what we say ----

    // Either of these two.
    [[nodiscard]] bool has_to_say() const { return has_to_say_; }
    // The client is to be told, before the server's next frame where one of anybody's may stand.
    [[nodiscard]] bool is_owed() const { return has_to_say_ && said_ == 0; }
    // A part of our GOAWAY is out. The rest comes before anything else.
    [[nodiscard]] bool is_cut() const { return said_ != 0 && said_ != goaway_size; }
    // Of it, what is not out yet.
    [[nodiscard]] Bytes unsaid() const { return from({go.data(), go.size()}, said_); }
    [[nodiscard]] bool is_ours(const char* bytes) const {
        return bytes >= go.data() && bytes < go.data() + go.size();
    }
    void say(std::size_t count) {
        said_ = static_cast<std::uint8_t>(said_ + count);
        has_to_say_ = is_cut();
    }
    [[nodiscard]] bool told() const { return said_ == goaway_size; }

    // Of a client that has been told: what is to be done about it, asked once in a while, and not
    // sooner than it takes to notice that it is quiet.
    enum class Visit : std::uint8_t {
        wait,    // it may be using the connection
        finish,  // nothing is open, and nothing has begun or ended since the last visit
        never    // it cannot be known, or the server goes by itself
    };
    [[nodiscard]] Visit visit();
    // The last thing: no stream above those seen will ever be processed.
    [[nodiscard]] Bytes finish();
    // A stream has opened: is it the first after the client had been told long ago?
    [[nodiscard]] bool sends_on() {
        const bool first = visited_ && !sent_on_;
        sent_on_ |= visited_;
        return first;
    }

    // The client's preface and the server's first frame are whole: this is HTTP/2 for sure.
    [[nodiscard]] bool certain() const { return preface_ == preface_size && out_.begun(); }

private:
    static constexpr std::uint8_t preface_size = 24;

    [[nodiscard]] bool take_preface(Bytes in);
    static constexpr bool is_clients(std::uint32_t stream) { return (stream & 1) != 0; }
    // RFC 9113 5.1.1: a stream's id is above those of all before it; else these are trailers, or of
    // a stream that is closed.
    [[nodiscard]] bool begins_stream() {
        const std::uint32_t stream = in_.stream();
        if (!is_clients(stream) || stream <= highest_) return false;
        highest_ = stream;
        streams_.open(stream);
        stir();
        return true;
    }
    void note_input(Event event) {
        const std::uint32_t stream = in_.stream();
        if (!is_clients(stream)) return;
        if (includes(event, Event::ended) && streams_.end_client(stream)) stir();
        if (includes(event, Event::reset) && streams_.reset(stream)) stir();
    }
    // A push's streams are even: what is promised is not looked for, and so nothing is known of
    // them.
    void note_output(Event event) {
        const std::uint32_t stream = out_.stream();
        if (is_clients(stream)) {
            if (includes(event, Event::ended) && streams_.end_server(stream)) stir();
            if (includes(event, Event::reset) && streams_.reset(stream)) stir();
        } else if (event == Event::goaway) {
            server_goes_ = true;
            has_to_say_ = is_cut();
        }
    }
    void stir() { stirred_ = true; }
    void note_choice() {
        has_to_say_ = choice_.picked() != Trigger::none && said_ == 0 && !server_goes_;
    }

    Choice choice_;
    Frames in_;
    Frames out_;
    std::uint32_t highest_ = 0;  // of the client's streams
    Streams streams_;
    Goaway last_{};
    std::uint8_t preface_ = 0;  // bytes of it
    std::uint8_t said_ = 0;     // bytes of our GOAWAY that are out
    bool has_to_say_ = false;
    bool upgraded_ = false;
    bool gives_unseen_ = false;
    bool server_goes_ = false;  // it has sent a GOAWAY of its own
    bool stirred_ = true;       // a stream has begun or ended since the last visit
    bool visited_ = false;
    bool sent_on_ = false;
};

}  // namespace lastcall::http2
