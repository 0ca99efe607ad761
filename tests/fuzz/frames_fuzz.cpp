// Laws of an HTTP/2 conversation: what it makes of two directions' bytes depends on the bytes and
// not on their cuts, and is what a plain parser and a map of streams make of them.
// Input: a limit, a letter ("B": behind an upgrade), then words as in tests/http2/frames.hpp. "<"
// and ">" say whose the next ones are, a number before a word repeats it for as many streams, "="
// begins a word of bytes as they are, V looks in on the connection, and T tells the client to go.

#include <lastcall/http2/conversation.hpp>

#include "../http2/frames.hpp"
#include "frames_model.hpp"
#include "law.hpp"

namespace lastcall::http2 {
namespace {

using Visit = Conversation::Visit;

constexpr std::size_t seen = 11;  // of the preface, by HTTP/1.1
constexpr std::size_t most = 1U << 14;

struct Turn {
    enum Kind : std::uint8_t { client, server, visit, tell } kind;
    std::string bytes;
};

std::string repeated(Bytes word) {
    std::size_t count = 0;
    while (!word.empty() && is_digit(word[0]) && count < 200) {
        count = count * 10 + static_cast<std::size_t>(word[0] - '0');
        word = from(word, 1);
    }
    if (word.empty()) return {};
    if (count == 0) return frame(word);
    std::uint32_t stream = 0;
    for (const char c : from(word, 1)) {
        if (is_digit(c)) stream = stream * 10 + static_cast<std::uint32_t>(c - '0');
    }
    const std::string end = word.ends_with('.') ? "." : "";
    std::string wire;
    for (std::size_t i = 0; i < count % 200; ++i, stream += 2) {
        wire += frame(std::string{word[0]} + std::to_string(stream) + end);
    }
    return wire;
}

std::vector<Turn> turns_of(Bytes text) {
    std::vector<Turn> turns{{Turn::client, std::string{from(client_preface, seen)}}};
    std::size_t size = 0;
    auto kind = Turn::client;
    while (!text.empty() && size < most) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const Bytes word = first(text, end);
        text = from(text, end + 1);
        if (word.empty()) continue;
        if (word == "V" || word == "T") {
            turns.push_back({word == "V" ? Turn::visit : Turn::tell, {}});
        } else if (word[0] == '<' || word[0] == '>') {
            kind = word[0] == '<' ? Turn::client : Turn::server;
            turns.push_back({kind, std::string{from(word, 1)}});
        } else {
            turns.push_back({kind, word[0] == '=' ? std::string{from(word, 1)} : repeated(word)});
        }
        size += turns.back().bytes.size();
    }
    return turns;
}

// A conversation as the guest has it.
struct Played {
    Conversation conversation;
    std::uint32_t exchanges = 0;
    Opaque reason = Opaque::no;
    std::string said;
    Terms terms;
    Picked picked;

    Played(std::uint32_t limit, bool upgraded) : terms(Policy{.requests = limit}) {
        conversation.begin_input(seen);
        if (!upgraded) return;
        conversation.begin_upgraded();
        exchanges = 1;
    }

    void take(Bytes in) {
        reason = conversation.take(in, [this] { conversation.ask(terms, ++exchanges, picked); });
    }
    [[nodiscard]] bool answers_unknown() const {
        Conversation copy = conversation;
        const std::size_t highest = model::number(first(from(copy.finish(), 9), 4));
        const std::uint32_t stream = conversation.output().stream();
        return stream % 2 == 1 && stream > highest;
    }
    // Payload may also pass unseen.
    void feed(Turn::Kind kind, Bytes part, bool unseen) {
        if (reason != Opaque::no) return;
        const bool in = kind == Turn::client;
        const std::uint32_t countable =
            in ? conversation.countable_input() : conversation.output().countable();
        // What ends a stream that was never opened is known for nonsense only if it is seen.
        const bool ends_unknown = !in && part.size() == countable && answers_unknown();
        if (unseen && part.size() <= countable && !ends_unknown) {
            const auto size = static_cast<std::uint32_t>(part.size());
            in ? conversation.skip_input(size) : conversation.skip_output(size);
        } else if (in) {
            take(part);
        } else {
            reason = conversation.follow(part);
        }
    }
    // As much as is cut off there each time.
    void tell(std::size_t cut) {
        while (!conversation.told() &&
               (conversation.is_cut() ||
                (conversation.is_owed() && conversation.output().open_to_any()))) {
            const Bytes part = first(conversation.unsaid(), cut);
            law(!part.empty() && conversation.is_ours(part.data()));
            said += part;
            conversation.say(part.size());
        }
    }
};

// The same, as RFC 9113 and the map say.
struct Expected {
    std::string in, out;  // behind the preface
    std::string before = client_preface.substr(0, seen);
    std::size_t in_seen = 0, out_seen = 0;  // happenings
    model::Streams streams;
    std::uint32_t exchanges = 0;
    std::uint32_t limit;
    Opaque reason = Opaque::no;
    bool picked = false, told = false;

    Expected(std::uint32_t most_exchanges, bool upgraded) : limit(most_exchanges) {
        if (!upgraded) return;
        streams.begin_upgraded();
        exchanges = 1;
    }

    void feed(Turn::Kind kind, Bytes bytes) {
        if (reason != Opaque::no) return;
        kind == Turn::client ? hear(bytes) : say(bytes);
    }
    void hear(Bytes bytes) {
        const Bytes part = first(bytes, client_preface.size() - before.size());
        before += part;
        in += from(bytes, part.size());
        if (!client_preface.starts_with(before)) reason = Opaque::not_http;
        if (reason != Opaque::no) return;
        const model::Parsed parsed(in);
        for (; in_seen < parsed.happenings().size(); ++in_seen) {
            const bool opens = streams.of_client(parsed.happenings()[in_seen]);
            if (opens && ++exchanges >= limit && limit != 0) picked = true;
        }
        if (parsed.malformed() != 0) reason = Opaque::malformed_frames;
    }
    void say(Bytes bytes) {
        out += bytes;
        const model::Parsed parsed(out);
        for (; out_seen < parsed.happenings().size() && reason == Opaque::no; ++out_seen) {
            const bool known = streams.of_server(parsed.happenings()[out_seen]);
            if (!known) reason = Opaque::malformed_frames;
        }
        if (parsed.malformed() != 0) reason = Opaque::malformed_frames;
    }
    [[nodiscard]] bool owed() const { return picked && !told && !streams.server_goes(); }
    [[nodiscard]] bool whole() const { return before.size() == client_preface.size(); }
    Visit visit() {
        const bool changed = streams.take_changed();
        if (streams.server_goes() || streams.crowded()) return Visit::never;
        const bool still = model::Parsed(in).ends_at_place() && model::Parsed(out).ends_at_place();
        return !changed && streams.none() && still ? Visit::finish : Visit::wait;
    }
};

void agree(const Played& played, const Expected& expected) {
    law(played.reason == expected.reason);
    if (played.reason != Opaque::no) return;
    const Conversation& now = played.conversation;
    const model::Parsed in(expected.in);
    const model::Parsed out(expected.out);
    law(played.exchanges == expected.exchanges);
    law(now.is_owed() == expected.owed());
    law(now.output().open_to_any() == out.ends_at_place());
    law(now.output().countable() == out.payload_left());
    law(now.output().header_left() == out.header_left());
    law(now.countable_input() == in.payload_left());
    law(now.certain() == (expected.whole() && out.begun()));
    Conversation copy = now;
    Expected other = expected;
    for (int i = 0; i < 2; ++i) law(copy.visit() == other.visit());
    const Bytes last = copy.finish();
    const Bytes id = first(from(last, 9), 4);
    law(last.size() == goaway_size && model::number(id) == expected.streams.highest());
}

void play(const std::vector<Turn>& turns, const Input& input, bool upgraded, Dice* dice) {
    Played played(input.last, upgraded);
    Expected expected(input.last, upgraded);
    for (const Turn& turn : turns) {
        if (played.reason != Opaque::no) return;
        if (turn.kind == Turn::visit) {
            law(played.conversation.visit() == expected.visit());
        } else if (turn.kind == Turn::tell) {
            played.tell(dice != nullptr ? 1 + dice->roll(16) : goaway_size);
            const bool place = model::Parsed(expected.out).ends_at_place();
            expected.told = expected.told || (expected.owed() && place);
            law(played.said == (expected.told ? Bytes{go.data(), go.size()} : Bytes{}));
        } else {
            const Parts parts = dice != nullptr ? at_random(turn.bytes, *dice) : Parts{turn.bytes};
            for (const Bytes part : parts) {
                const bool unseen = dice != nullptr && dice->roll(2) == 0;
                played.feed(turn.kind, part, unseen);
            }
            expected.feed(turn.kind, turn.bytes);
        }
        agree(played, expected);
    }
}

// Byte by byte, each by each.
std::vector<Turn> in_bytes(const std::vector<Turn>& turns) {
    std::vector<Turn> bytes;
    for (const Turn& turn : turns) {
        if (turn.bytes.empty()) bytes.push_back(turn);
        for (const char c : turn.bytes) bytes.push_back({turn.kind, {c}});
    }
    return bytes;
}

void check(Input input, bool upgraded) {
    const std::vector<Turn> turns = turns_of(input.text);
    play(turns, input, upgraded, nullptr);
    play(turns, input, upgraded, &input.dice);
    if (input.text.size() < 100) play(in_bytes(turns), input, upgraded, nullptr);
}

}  // namespace
}  // namespace lastcall::http2

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const lastcall::Bytes bytes{reinterpret_cast<const char*>(data), size};
    const bool upgraded = size > 1 && bytes[1] == 'B';
    lastcall::http2::check(lastcall::Input(bytes), upgraded);
    return 0;
}
