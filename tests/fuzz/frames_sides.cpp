// What the two sides say: a client that opens streams, uploads and resets as chance has it, and a
// server that answers those it has read of, and others not.

#include "frames_talk.hpp"

#include "../http2/frames.hpp"

#include <algorithm>

namespace lastcall::fake {

namespace model = http2::model;

// ---- the client ----

void FramesTalk::say(const std::string& bytes) {
    asked_ += bytes;
    socket.coming += bytes;
}

std::string FramesTalk::frame(unsigned type, unsigned flags, std::uint32_t stream,
                              std::size_t size) {
    return http2::frame(static_cast<http2::FrameType>(type), flags, stream,
                        std::string(size, static_cast<char>(next_())));
}

void FramesTalk::greet() { say(http2::client_preface + frame(model::settings, 0, 0, 6)); }

void FramesTalk::say_more() {
    if (asked_.size() == before_) return;
    const unsigned what = next_();
    const std::uint32_t stream = halves_.empty() ? 0 : halves_[next_() % halves_.size()];
    const auto over = [&] { std::erase(halves_, stream); };
    switch (what % 16) {
        case 0:
        case 1:
        case 2:
        case 3: {
            const bool ends = what % 2 == 0;
            const bool whole = what < 128;
            say(frame(model::headers, (whole ? 4 : 0) | (ends ? 1 : 0), newest_, what >> 4));
            if (!whole) say(frame(model::more, 0, newest_, 3) + frame(model::more, 4, newest_, 0));
            if (!ends) halves_.push_back(newest_);
            newest_ += what == 7 ? 4 : 2;
            return;
        }
        case 4: return stream == 0 ? void() : say(frame(model::data, 0, stream, what >> 2));
        case 5:
            if (stream == 0) return;
            over();
            return say(frame(what < 128 ? model::data : model::headers, 5, stream, what >> 5));
        case 6:
            if (newest_ == 1) return;
            over();
            return say(frame(model::reset, 0, stream != 0 ? stream : newest_ - 2, 4));
        case 7: return say(frame(model::ping, 0, 0, 8));
        case 8: return say(frame(model::window, 0, stream, 4));
        case 9: return say(frame(model::priority, 0, newest_ + 2, 5));
        case 10: return say(frame(0xfa, what, what, what >> 4));
        case 11: return say(frame(model::settings, 1, 0, 0));
        case 12:
            if (what < 200) return;
            disturb();
            return say("nonsense " + std::string(what % 32, 'x'));
        default: return;
    }
}

void FramesTalk::end_halves() {
    for (const std::uint32_t stream : halves_) say(frame(model::data, 1, stream, 0));
    halves_.clear();
}

// ---- the server ----

std::uint32_t FramesTalk::stream_to_answer() {
    const auto open = offered_.open_to_server();
    return open.empty() ? 0 : open[next_() % open.size()];
}

// One frame more.
void FramesTalk::grow() {
    const std::size_t before = answers_.size() - switched_;
    const std::uint32_t stream = stream_to_answer();
    const unsigned what = next_();
    if (before == 0) {
        answers_ += frame(model::settings, 0, 0, 6 * (what % 3));
    } else if (block_ != 0) {
        answers_ += frame(model::more, what % 2 * 4, block_, what >> 5);
        if (what % 2 == 1) block_ = 0;
    } else if (what % 16 < 4 && stream != 0) {
        const bool whole = what < 200;
        answers_ += frame(model::headers, (whole ? 4 : 0) | (what >> 4 & 1), stream, what >> 4);
        if (!whole) block_ = stream;
    } else if (what % 16 < 9 && stream != 0) {
        answers_ += frame(model::data, what % 16 < 6 ? 1 : 0, stream, what);
    } else if (what % 16 == 9 && stream != 0) {
        answers_ += frame(model::reset, 0, stream, 4);
    } else if (what % 16 == 10 && stream != 0) {
        answers_ += frame(model::promise, 4, stream, 4 + what % 7);
        if (what > 128) answers_ += frame(model::headers, 4, what * 2, 3);
    } else if (what % 16 == 11) {
        answers_ += frame(0xfb, what, what, what >> 3);
    } else if (what == 255) {
        answers_ += frame(model::goaway, 0, 0, 9);
    } else if (what == 254) {
        disturb();
        wrong_ = true;
        answers_ += "HTTP/1.1 400 Bad Request\r\n\r\n";
    } else {
        answers_ += frame(model::ping, 1, 0, 8);
    }
    note_offered(before);
}

void FramesTalk::note_offered(std::size_t before) {
    const model::Parsed parsed(from(answers_, switched_));
    for (const auto& happening : parsed.happenings()) {
        if (happening.at > before) static_cast<void>(offered_.of_server(happening));
    }
}

// All that is open ends.
void FramesTalk::answer_all() {
    const std::size_t before = answers_.size() - switched_;
    if (before == 0) answers_ += frame(model::settings, 0, 0, 0);
    if (block_ != 0) answers_ += frame(model::more, 4, block_, 1);
    block_ = 0;
    for (const std::uint32_t stream : offered_.open_to_server()) {
        answers_ += frame(model::data, 1, stream, 1);
    }
    answers_ += frame(model::ping, 1, 0, 8);
    note_offered(before);
}

}  // namespace lastcall::fake
