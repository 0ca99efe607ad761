// A frame header is mostly there as a whole, and a payload is passed over by one subtraction.

#include <lastcall/http2/frames.hpp>

#include <algorithm>

namespace lastcall::http2 {
namespace {

FrameHeader header_at(const char* bytes) {
    std::uint64_t word = 0;
    __builtin_memcpy(&word, bytes, sizeof word);
    word = __builtin_bswap64(word);  // little-endian, as all we build for
    const auto last = static_cast<unsigned char>(bytes[frame_header_size - 1]);
    const auto stream = static_cast<std::uint32_t>(word << 8 | last) & 0x7fffffff;
    return {static_cast<std::uint32_t>(word >> 40), static_cast<FrameType>(word >> 32 & 0xff),
            static_cast<std::uint8_t>(word >> 24), stream};
}

}  // namespace

Followed Frames::follow(Bytes in) {
    std::size_t at = 0;
    for (;;) {
        if (in_payload_) {
            const std::size_t part = std::min<std::size_t>(left_, in.size() - at);
            at += part;
            const Event event = pass(static_cast<std::uint32_t>(part));
            if (event != Event::incomplete) return {at, event};
            if (in_payload_) return {at, Event::incomplete};
        }
        if (at == in.size()) return {at, Event::incomplete};
        if (gathered_ == 0 && in.size() - at >= frame_header_size) [[likely]] {
            header_ = header_at(in.data() + at);
            at += frame_header_size;
        } else {
            bytes_[gathered_++] = in[at++];
            if (gathered_ < frame_header_size) continue;
            gathered_ = 0;
            header_ = header_at(bytes_);
        }
        const Event event = begin_frame();
        if (event != Event::incomplete) return {at, event};
    }
}

Event Frames::pass(std::uint32_t count) {
    left_ -= count;
    if (left_ != 0) return Event::incomplete;
    in_payload_ = false;
    return end_frame();
}

Event Frames::begin_frame() {
    if (!well_formed()) return Event::malformed;
    begun_ = true;
    in_payload_ = true;
    left_ = header_.length;
    if (header_.type == FrameType::headers) return Event::headers;
    return header_.type == FrameType::goaway ? Event::goaway : Event::incomplete;
}

Event Frames::end_frame() {
    const bool end_stream = header_.has(FrameHeader::end_stream);
    switch (header_.type) {
        case FrameType::data: return end_stream ? Event::ended : Event::incomplete;
        case FrameType::rst_stream: return Event::reset;
        case FrameType::headers:
        case FrameType::push_promise:
            block_ = header_.stream;
            block_ends_stream_ = header_.type == FrameType::headers && end_stream;
            [[fallthrough]];
        case FrameType::continuation:
            if (!header_.has(FrameHeader::end_headers)) return Event::incomplete;
            block_ = 0;
            return block_ends_stream_ ? Event::ended : Event::incomplete;
        default: return Event::incomplete;
    }
}

// What RFC 9113 6 says of a frame's stream and length; a frame of no known type may have any.
bool Frames::well_formed() const {
    const auto [length, type, flags, stream] = header_;
    if (block_ != 0) return type == FrameType::continuation && stream == block_;
    if (!begun_ && (type != FrameType::settings || header_.has(FrameHeader::ack))) return false;
    switch (type) {
        case FrameType::data:
        case FrameType::headers: return stream != 0;
        case FrameType::priority: return stream != 0 && length == 5;
        case FrameType::rst_stream: return stream != 0 && length == 4;
        case FrameType::settings:
            return stream == 0 && (header_.has(FrameHeader::ack) ? length == 0 : length % 6 == 0);
        case FrameType::push_promise: return stream != 0 && length >= 4;
        case FrameType::ping: return stream == 0 && length == 8;
        case FrameType::goaway: return stream == 0 && length >= 8;
        case FrameType::window_update: return length == 4;
        case FrameType::continuation: return false;
    }
    return true;
}

}  // namespace lastcall::http2
