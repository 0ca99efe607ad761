// What the laws of HTTP/2 are judged by: a parser that reads all of one direction's bytes anew each
// time, and the streams in a plain map. Knows RFC 9113's words for frames; shares no line with what
// it judges, and keeps no state between two questions.
#pragma once

#include <lastcall/bytes.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace lastcall::http2::model {

enum Type : unsigned {
    data,
    headers,
    priority,
    reset,
    settings,
    promise,
    ping,
    goaway,
    window,
    more
};

struct Frame {
    std::size_t start = 0;
    std::size_t payload = 0;  // where it begins
    std::size_t end = 0;
    unsigned type = 0;
    unsigned flags = 0;
    std::uint32_t stream = 0;
};

struct Happening {
    enum What : std::uint8_t { begins, ends, resets, goes, promises } what;
    std::uint32_t stream;
    std::size_t at;  // bytes of the direction that have been seen by then
};

inline std::size_t number(Bytes bytes) {
    std::size_t sum = 0;
    for (const char c : bytes) sum = sum * 256 + static_cast<unsigned char>(c);
    return sum;
}

inline Frame frame_at(Bytes all, std::size_t start) {
    const auto part = [&](std::size_t at, std::size_t size) {
        return number(first(from(all, start + at), size));
    };
    const auto stream = static_cast<std::uint32_t>(part(5, 4) & 0x7fffffff);
    const std::size_t payload = start + 9;
    return {start,
            payload,
            payload + part(0, 3),
            static_cast<unsigned>(part(3, 1)),
            static_cast<unsigned>(part(4, 1)),
            stream};
}

// RFC 9113 6.1 to 6.9, and 3.4 of the first.
inline bool makes_sense(const Frame& frame, bool is_first) {
    const std::size_t size = frame.end - frame.payload;
    const bool ack = frame.flags % 2 == 1;
    if (is_first && (frame.type != settings || ack)) return false;
    const bool on_stream = frame.type <= reset || frame.type == promise;
    const bool on_none = frame.type == settings || frame.type == ping || frame.type == goaway;
    if ((on_stream && frame.stream == 0) || (on_none && frame.stream != 0)) return false;
    switch (frame.type) {
        case priority: return size == 5;
        case reset:
        case window: return size == 4;
        case settings: return ack ? size == 0 : size % 6 == 0;
        case promise: return size >= 4;
        case ping: return size == 8;
        case goaway: return size >= 8;
        default: return true;
    }
}

class Parsed {
public:
    explicit Parsed(Bytes all) : size_(all.size()) {
        std::uint32_t block = 0;
        bool block_ends = false;
        std::size_t at = 0;
        while (at < all.size()) {
            if (all.size() - at < 9) return;
            const Frame frame = frame_at(all, at);
            const bool continues = frame.type == more && frame.stream == block && block != 0;
            const bool fits = block != 0 ? continues : frame.type != more;
            if (!fits || !(continues || makes_sense(frame, at == 0))) {
                malformed_ = frame.payload;
                return;
            }
            begun_ = true;
            next_ = at = frame.end;
            if (frame.type == headers) note(Happening::begins, frame, frame.payload);
            if (frame.type == goaway) note(Happening::goes, frame, frame.payload);
            if (frame.end > all.size()) return;
            const bool ends = frame.flags % 2 == 1;
            if (frame.type == data && ends) note(Happening::ends, frame, frame.end);
            if (frame.type == reset) note(Happening::resets, frame, frame.end);
            if (frame.type == promise) note(Happening::promises, frame, frame.end);
            if (frame.type == headers || frame.type == promise) {
                block = frame.stream;
                block_ends = frame.type == headers && ends;
            }
            if (block == 0) {
                places_.push_back(at);
            } else if ((frame.flags & 4) != 0) {
                block = 0;
                if (block_ends) note(Happening::ends, frame, frame.end);
                places_.push_back(at);
            }
        }
    }

    [[nodiscard]] const std::vector<Happening>& happenings() const { return happenings_; }
    // Where a frame of anybody's may stand.
    [[nodiscard]] const std::vector<std::size_t>& places() const { return places_; }
    // How many bytes there are before it is known that they are no frames; 0: they are.
    [[nodiscard]] std::size_t malformed() const { return malformed_; }
    [[nodiscard]] bool ends_at_place() const { return !places_.empty() && places_.back() == size_; }
    [[nodiscard]] std::size_t payload_left() const { return next_ > size_ ? next_ - size_ : 0; }
    [[nodiscard]] std::size_t header_left() const {
        return next_ > size_ ? 0 : 9 - (size_ - next_);
    }
    [[nodiscard]] bool begun() const { return begun_; }

private:
    void note(Happening::What what, const Frame& frame, std::size_t at) {
        happenings_.push_back({what, frame.stream, at});
    }

    std::size_t size_;
    std::size_t next_ = 0;  // where the next frame begins
    std::size_t malformed_ = 0;
    bool begun_ = false;
    std::vector<Happening> happenings_;
    std::vector<std::size_t> places_;
};

// Both sides' streams, in the order in which things happened.
class Streams {
public:
    // True: it is a stream of the client's that nobody has seen before.
    bool of_client(const Happening& now) {
        const bool opens =
            now.what == Happening::begins && now.stream % 2 == 1 && now.stream > highest_;
        if (opens) highest_ = now.stream;
        if (opens) open_[now.stream] = {};
        crowded_ = crowded_ || open_.size() > 112;
        if (ends(now, &Halves::client) || opens) changed_ = true;
        return opens;
    }
    // False: it is of a stream that the server cannot know.
    bool of_server(const Happening& now) {
        if (now.what == Happening::goes) {
            server_goes_ = true;
            return true;
        }
        // What is promised has its id in a payload: of pushes nothing is known, but that they are.
        if (now.what == Happening::promises) {
            crowded_ = true;
            return true;
        }
        if (now.stream % 2 == 1 && now.stream > highest_) return false;
        if (ends(now, &Halves::server)) changed_ = true;
        return true;
    }
    void begin_upgraded() {
        highest_ = 1;
        open_[1].client = true;
    }

    [[nodiscard]] std::uint32_t highest() const { return highest_; }
    [[nodiscard]] bool none() const { return open_.empty(); }
    // Are there streams that nobody can know of?
    [[nodiscard]] bool crowded() const { return crowded_; }
    [[nodiscard]] bool server_goes() const { return server_goes_; }
    [[nodiscard]] std::vector<std::uint32_t> open_to_server() const {
        std::vector<std::uint32_t> ids;
        for (const auto& [id, halves] : open_) {
            if (!halves.server) ids.push_back(id);
        }
        return ids;
    }
    [[nodiscard]] std::vector<std::uint32_t> open_to_client() const {
        std::vector<std::uint32_t> ids;
        for (const auto& [id, halves] : open_) {
            if (!halves.client) ids.push_back(id);
        }
        return ids;
    }
    // Has any begun or ended since the last time this was asked?
    bool take_changed() { return std::exchange(changed_, false); }

private:
    struct Halves {
        bool client = false;
        bool server = false;
    };
    bool ends(const Happening& now, bool Halves::*half) {
        const auto place = open_.find(now.stream);
        const bool stays = now.what == Happening::begins || now.what == Happening::promises;
        if (place == open_.end() || stays) return false;
        Halves& halves = place->second;
        if (now.what == Happening::ends) halves.*half = true;
        const bool over = halves.server && halves.client;
        if (now.what == Happening::resets || over) open_.erase(place);
        return true;
    }

    std::map<std::uint32_t, Halves> open_;
    std::uint32_t highest_ = 0;
    bool crowded_ = false;
    bool server_goes_ = false;
    bool changed_ = true;
};

}  // namespace lastcall::http2::model
