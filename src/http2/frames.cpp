// What is not usual: frame headers in pieces, field blocks in several frames, and what RFC 9113
// says of each type.

#include <lastcall/http2/frames.hpp>

namespace lastcall::http2 {

Followed Frames::follow_any(Bytes in, std::size_t at) {
    for (;;) {
        Event event = Event::incomplete;
        if (now_ == within) {
            const std::size_t left = in.size() - at;
            if (left < left_) {
                left_ -= static_cast<std::uint32_t>(left);
                return {in.size(), Event::incomplete};
            }
            at += left_;
            event = pass(left_);
        } else {
            if (!gather(in, at)) return {at, Event::incomplete};
            event = begin_frame();
        }
        if (event != Event::incomplete) return {at, event};
    }
}

// True: the header is there.
bool Frames::gather(Bytes in, std::size_t& at) {
    if (now_ == between && in.size() - at >= frame_header_size) {
        header_ = header_at(in.data() + at);
        at += frame_header_size;
        return true;
    }
    while (at < in.size() && now_ < frame_header_size) bytes_[now_++] = in[at++];
    if (now_ < frame_header_size) return false;
    header_ = header_at(bytes_);
    return true;
}

Event Frames::begin_frame() {
    if (!may_begin()) return Event::malformed;
    now_ = within;
    left_ = header_.length();
    if (header_.type() == FrameType::headers) return Event::headers;
    return header_.type() == FrameType::goaway ? Event::goaway : Event::incomplete;
}

Event Frames::end_frame() {
    if (!is_usual(header_)) return end_unusual();
    return header_.has(FrameHeader::end_stream) ? Event::ended : Event::incomplete;
}

Event Frames::pass(std::uint32_t count) {
    left_ -= count;
    if (left_ != 0) return Event::incomplete;
    now_ = between;
    return end_frame();
}

bool Frames::may_begin() {
    if (!well_formed()) return false;
    if (at_ == At::first) at_ = At::anything;
    return true;
}

Event Frames::end_unusual() {
    switch (header_.type()) {
        case FrameType::rst_stream: return Event::reset;
        case FrameType::headers:
        case FrameType::push_promise:
            promised_ |= header_.type() == FrameType::push_promise;
            block_ = header_.stream;
            block_ends_stream_ =
                header_.type() == FrameType::headers && header_.has(FrameHeader::end_stream);
            at_ = At::block;
            [[fallthrough]];
        case FrameType::continuation:
            if (!header_.has(FrameHeader::end_headers)) return Event::incomplete;
            at_ = At::anything;
            return block_ends_stream_ ? Event::ended : Event::incomplete;
        default: return Event::incomplete;
    }
}

// What RFC 9113 6 says of a frame's stream and length; a frame of no known type may have any.
bool Frames::well_formed() const {
    const std::uint32_t length = header_.length();
    const std::uint32_t stream = header_.stream;
    const FrameType type = header_.type();
    if (at_ == At::block) return type == FrameType::continuation && stream == block_;
    if (at_ == At::first && (type != FrameType::settings || header_.has(FrameHeader::ack))) {
        return false;
    }
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
