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

// Kept as the two numbers that the bytes are read as.
struct FrameHeader {
    std::uint64_t front = 0;   // length, type, flags, and more
    std::uint32_t stream = 0;  // without the reserved bit

    static constexpr std::uint8_t end_stream = 0x1;
    static constexpr std::uint8_t ack = 0x1;
    static constexpr std::uint8_t end_headers = 0x4;

    // Of the payload, 0 to 16777215.
    [[nodiscard]] constexpr std::uint32_t length() const {
        return static_cast<std::uint32_t>(front >> 40);
    }
    [[nodiscard]] constexpr FrameType type() const {
        return static_cast<FrameType>(front >> 32 & 0xff);
    }
    [[nodiscard]] constexpr bool has(std::uint8_t flag) const { return (front >> 24 & flag) != 0; }
};

// Of as many bytes as it has.
inline FrameHeader header_at(const char* bytes) {
    std::uint64_t front = 0;
    __builtin_memcpy(&front, bytes, sizeof front);
    std::uint32_t stream = 0;
    __builtin_memcpy(&stream, bytes + frame_header_size - sizeof stream, sizeof stream);
    // (Little-endian, as all we build for.)
    return {__builtin_bswap64(front), __builtin_bswap32(stream) & 0x7fffffff};
}

// A bit for each thing that may have happened; of these, only two happen at once.
enum class Event : std::uint8_t {
    incomplete = 0,  // everything was taken, and meant nothing more
    headers = 1,     // at least the frame header of a HEADERS: its stream opens, or it is trailers
    ended = 2,       // the last byte of what ends its stream, from this side
    whole = headers | ended,
    reset = 4,      // the last byte of a RST_STREAM
    goaway = 8,     // the frame header of a GOAWAY
    malformed = 16  // these are no frames (any more), or not as their sender must begin
};
constexpr bool includes(Event event, Event part) {
    return (static_cast<unsigned>(event) & static_cast<unsigned>(part)) != 0;
}

struct Followed {
    std::size_t taken = 0;
    Event event = Event::incomplete;
};

class Frames {
public:
    // From one event to the next; to the last without a byte, perhaps. Of malformed frames nothing
    // more can be followed.
    [[nodiscard]] Followed follow(Bytes in) {
        std::size_t at = 0;
        // Nearly all are DATA and HEADERS, whole and between frames of any kind.
        while (open_to_any() && in.size() - at >= frame_header_size) {
            const FrameHeader header = header_at(in.data() + at);
            const std::size_t whole = frame_header_size + header.length();
            if (!is_usual(header) || whole > in.size() - at) break;
            header_ = {header.front, header.stream};
            at += whole;
            const Event event = usual_event(header);
            if (event != Event::incomplete) return {at, event};
        }
        // (A frame without a payload ends without a byte.)
        const bool over = open_to_any() && at == in.size();
        return over ? Followed{at, Event::incomplete} : follow_any(in, at);
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

    // A DATA, or a HEADERS with all of its field block, where these may begin.
    static constexpr bool is_usual(const FrameHeader& header) {
        if (header.stream == 0) return false;
        if (header.type() == FrameType::data) return true;
        return header.type() == FrameType::headers && header.has(FrameHeader::end_headers);
    }
    // What the whole of it means.
    static constexpr Event usual_event(const FrameHeader& header) {
        const bool ends = header.has(FrameHeader::end_stream);
        if (header.type() == FrameType::data) return ends ? Event::ended : Event::incomplete;
        return ends ? Event::whole : Event::headers;
    }
    // The same as follow, from `at` on: whatever comes, in whatever pieces.
    [[nodiscard]] Followed follow_any(Bytes in, std::size_t at);
    [[nodiscard]] bool gather(Bytes in, std::size_t& at);
    [[nodiscard]] Event begin_frame();
    [[nodiscard]] Event end_frame();
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
