// HTTP/2 frames as words, for tests and fuzz targets: a letter for the type, the stream's id, and a
// dot for END_STREAM, as in "S H1 D1. R3". Knows what frames look like, and nothing of what is
// claimed about them.
#pragma once

#include <lastcall/http2/frames.hpp>

#include <string>

namespace lastcall::http2 {

inline const std::string client_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

inline std::string frame(FrameType type, unsigned flags, std::uint32_t stream, Bytes payload) {
    std::string wire;
    const auto add = [&](std::size_t number, int bytes) {
        while (bytes-- > 0) wire += static_cast<char>(number >> 8 * bytes & 0xff);
    };
    add(payload.size(), 3);
    add(static_cast<std::size_t>(type), 1);
    add(flags, 1);
    add(stream, 4);
    return wire.append(payload);
}

// S SETTINGS, A its ACK, H HEADERS, h HEADERS without END_HEADERS, x and y those with no fields,
// C and c CONTINUATION likewise,
// p PUSH_PROMISE without END_HEADERS, Q with; D DATA of five bytes, d of none; R RST_STREAM, G
// GOAWAY, I PING, W WINDOW_UPDATE, Y PRIORITY, U a frame of no known type.
inline std::string frame(Bytes word) {
    const unsigned end = word.ends_with('.') ? FrameHeader::end_stream : 0;
    std::uint32_t stream = 0;
    for (const char c : from(word, 1)) {
        if (is_digit(c)) stream = stream * 10 + static_cast<std::uint32_t>(c - '0');
    }
    const Bytes eight{"\0\0\0\0\0\0\0\1", 8};
    constexpr unsigned whole = FrameHeader::end_headers;
    switch (word[0]) {
        case 'S': return frame(FrameType::settings, 0, stream, {"\0\4\0\1\0\0", 6});
        case 'A': return frame(FrameType::settings, FrameHeader::ack, stream, {});
        case 'H': return frame(FrameType::headers, whole | end, stream, "\x82\x84");
        case 'h': return frame(FrameType::headers, end, stream, "\x82");
        case 'x': return frame(FrameType::headers, whole | end, stream, {});
        case 'y': return frame(FrameType::headers, end, stream, {});
        case 'C': return frame(FrameType::continuation, whole, stream, "\x84");
        case 'c': return frame(FrameType::continuation, 0, stream, {});
        case 'Q': return frame(FrameType::push_promise, whole, stream, {"\0\0\0\2\x82", 5});
        case 'p': return frame(FrameType::push_promise, 0, stream, {"\0\0\0\2", 4});
        case 'D': return frame(FrameType::data, end, stream, "hello");
        case 'd': return frame(FrameType::data, end, stream, {});
        case 'R': return frame(FrameType::rst_stream, 0, stream, first(eight, 4));
        case 'G': return frame(FrameType::goaway, 0, stream, eight);
        case 'I': return frame(FrameType::ping, 0, stream, eight);
        case 'W': return frame(FrameType::window_update, 0, stream, from(eight, 4));
        case 'Y': return frame(FrameType::priority, 0, stream, first(eight, 5));
        default: return frame(static_cast<FrameType>(0xfa), 0xff, stream, "whatever");
    }
}

inline std::string frames(Bytes words) {
    std::string wire;
    while (!words.empty()) {
        const std::size_t space = words.find(' ');
        if (space != 0) wire += frame(first(words, space));
        words = space == Bytes::npos ? Bytes{} : from(words, space + 1);
    }
    return wire;
}

}  // namespace lastcall::http2
