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
    FrameType type = FrameType::data;
    std::uint8_t flags = 0;
    std::uint32_t stream = 0;  // without the reserved bit

    static constexpr std::uint8_t end_stream = 0x1;
    static constexpr std::uint8_t ack = 0x1;
    static constexpr std::uint8_t end_headers = 0x4;

    [[nodiscard]] constexpr bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

enum class Event : std::uint8_t {
    incomplete,  // everything was taken, and meant nothing more
    headers,     // the frame header of a HEADERS: its stream opens, or these are its trailers
    ended,       // the last byte of what ends its stream, from this side
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
    // From one event to the next. Of malformed frames nothing more can be followed.
    [[nodiscard]] Followed follow(Bytes in);

    // Of the payload begun, bytes that are still to come: their number is enough.
    [[nodiscard]] std::uint32_t countable() const { return in_payload_ ? left_ : 0; }
    // So many of them have come, and at most all.
    [[nodiscard]] Event pass(std::uint32_t count);
    // Of the next frame header, bytes that are still to come; 0: a payload's come first.
    [[nodiscard]] std::size_t header_left() const {
        return in_payload_ ? 0 : frame_header_size - gathered_;
    }

    // Is the next byte the first of a frame, and may that be one of any kind and of anybody?
    // (RFC 9113 3.4: not the first one, which is SETTINGS; 6.10: not within a field block.)
    [[nodiscard]] bool open_to_any() const {
        return !in_payload_ && gathered_ == 0 && block_ == 0 && begun_;
    }
    // Has a frame header been followed?
    [[nodiscard]] bool begun() const { return begun_; }

    // The stream of the event, or of the frame within.
    [[nodiscard]] std::uint32_t stream() const { return header_.stream; }

private:
    [[nodiscard]] Event begin_frame();
    [[nodiscard]] Event end_frame();
    [[nodiscard]] bool well_formed() const;

    FrameHeader header_;       // of the frame within
    std::uint32_t left_ = 0;   // of its payload
    std::uint32_t block_ = 0;  // the stream whose field block goes on in a CONTINUATION; 0: none
    char bytes_[frame_header_size] = {};
    std::uint8_t gathered_ = 0;  // bytes of a frame header
    bool in_payload_ = false;
    bool block_ends_stream_ = false;
    bool begun_ = false;
};

}  // namespace lastcall::http2
