// Follows the frames of one direction by their headers alone: where each begins and ends, which
// streams they open, end and reset. Looks into no payload, keeps none, and does not know the other
// direction. (RFC 9113 4.1 and 6)
#pragma once

#include <lastcall/bytes.hpp>

namespace lastcall::http2 {

inline constexpr std::size_t frame_header_size = 9;

enum class FrameType : std::uint8_t {
    data,
    headers,
    priority,
    rst_stream,
    settings,
    push_promise,
    ping,
    goaway,
    window_update,
    continuation
};

struct FrameHeader {
    std::uint32_t length = 0;  // of the payload, 0 to 16777215
    std::uint32_t stream = 0;  // without the reserved bit
    FrameType type = FrameType::data;
    std::uint8_t flags = 0;

    static constexpr std::uint8_t end_stream = 0x1;
    static constexpr std::uint8_t ack = 0x1;
    static constexpr std::uint8_t end_headers = 0x4;

    [[nodiscard]] constexpr bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

// Of as many bytes as it has.
inline FrameHeader header_at(const char* bytes) {
    std::uint64_t word = 0;
    __builtin_memcpy(&word, bytes, sizeof word);
    std::uint32_t stream = 0;
    __builtin_memcpy(&stream, bytes + frame_header_size - sizeof stream, sizeof stream);
    word = __builtin_bswap64(word);  // little-endian, as all we build for
    return {static_cast<std::uint32_t>(word >> 40), __builtin_bswap32(stream) & 0x7fffffff,
            static_cast<FrameType>(word >> 32 & 0xff), static_cast<std::uint8_t>(word >> 24)};
}

enum class Event : std::uint8_t {
    incomplete,  // everything was taken, and meant nothing more
    headers,     // at least the frame header of a HEADERS: its stream opens, or these are trailers
    whole,       // the same, and the last byte of what ends its stream, from this side
    ended,       // that byte
    reset,       // the last byte of a RST_STREAM
    goaway,      // the frame header of a GOAWAY
    malformed    // these are no frames (any more), or not as their sender must begin
};

struct Followed {
    std::size_t taken = 0;
    Event event = Event::incomplete;
};

class Frames {
public:
    // From one event to the next; to the last without a byte, perhaps. Of malformed frames nothing
    // more can be followed.
    [[nodiscard, gnu::always_inline]] inline Followed follow(Bytes in) {
        std::size_t at = 0;
        for (;;) {
            const std::size_t left = in.size() - at;
            if (now_ == between && left >= frame_header_size) [[likely]] {
                const FrameHeader header = header_at(in.data() + at);
                const std::size_t whole = frame_header_size + header.length;
                const bool usual = header.type <= FrameType::headers && header.stream != 0 &&
                                   at_ == At::anything && whole <= left;
                const bool ends = header.has(FrameHeader::end_stream);
                header_ = header;
                if (usual && header.type == FrameType::data) {
                    at += whole;
                    if (ends) return {at, Event::ended};
                    continue;
                }
                if (usual && header.has(FrameHeader::end_headers)) {
                    return {at + whole, ends ? Event::whole : Event::headers};
                }
                at += frame_header_size;
            } else if (now_ == within) {
                if (left < left_) {
                    left_ -= static_cast<std::uint32_t>(left);
                    return {in.size(), Event::incomplete};
                }
                at += left_;
                now_ = between;
                const Event event = end_frame();
                if (event != Event::incomplete) return {at, event};
                continue;
            } else if (left == 0 || !gather(in, at)) {
                return {at, Event::incomplete};
            }
            const Event event = begin_frame();
            if (event != Event::incomplete) return {at, event};
        }
    }

    // Of the payload begun, bytes that are still to come: their number is enough.
    [[nodiscard]] std::uint32_t countable() const { return now_ == within ? left_ : 0; }
    // So many of them have come, and at most all.
    [[nodiscard]] Event pass(std::uint32_t count);
    // Of the next frame header, bytes that are still to come; 0: a payload's come first.
    [[nodiscard]] std::size_t header_left() const {
        return now_ == within ? 0 : frame_header_size - now_;
    }

    // Is the next byte the first of a frame, and may that be one of any kind and of anybody?
    // (RFC 9113 3.4: not the first one, which is SETTINGS; 6.10: not within a field block.)
    [[nodiscard]] bool open_to_any() const { return now_ == between && at_ == At::anything; }
    // Has a stream been promised, whose id is in the payload?
    [[nodiscard]] bool promised() const { return promised_; }
    // Has a frame header been followed?
    [[nodiscard]] bool begun() const { return at_ != At::first; }

    // The stream of the event, or of the frame within.
    [[nodiscard]] std::uint32_t stream() const { return header_.stream; }

private:
    static constexpr std::uint8_t between = 0;
    static constexpr std::uint8_t within = 0xff;  // a payload

    // What the next frame may be.
    enum class At : std::uint8_t { first, anything, block };

    [[nodiscard]] bool gather(Bytes in, std::size_t& at);
    [[nodiscard, gnu::always_inline]] inline Event begin_frame() {
        // Nearly all are DATA or HEADERS, which have a stream and may have any length.
        const bool usual = header_.type <= FrameType::headers && at_ == At::anything;
        if (!(usual ? header_.stream != 0 : may_begin())) return Event::malformed;
        now_ = within;
        left_ = header_.length;
        if (header_.type == FrameType::headers) return Event::headers;
        return header_.type == FrameType::goaway ? Event::goaway : Event::incomplete;
    }
    [[nodiscard, gnu::always_inline]] inline Event end_frame() {
        const bool end_stream = header_.has(FrameHeader::end_stream);
        if (header_.type == FrameType::data) return end_stream ? Event::ended : Event::incomplete;
        if (header_.type == FrameType::headers && header_.has(FrameHeader::end_headers)) {
            return end_stream ? Event::ended : Event::incomplete;
        }
        return end_unusual();
    }
    [[nodiscard]] Event end_unusual();
    [[nodiscard]] bool may_begin();
    [[nodiscard]] bool well_formed() const;

    FrameHeader header_;       // of the frame within
    std::uint32_t left_ = 0;   // of its payload
    std::uint32_t block_ = 0;  // the stream whose field block goes on in a CONTINUATION
    char bytes_[frame_header_size] = {};
    std::uint8_t now_ = between;  // or bytes gathered of a frame header, or `within`
    bool block_ends_stream_ = false;
    bool promised_ = false;
    At at_ = At::first;
};

}  // namespace lastcall::http2
