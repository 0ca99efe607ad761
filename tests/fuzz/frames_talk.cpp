// The calls of one connection, and its laws.

#include "frames_talk.hpp"

#include <lastcall/http2/conversation.hpp>

#include "../http2/frames.hpp"
#include "law.hpp"

#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>

#define UPHOLD(holds) uphold(holds, __LINE__)

namespace lastcall::fake {

namespace model = http2::model;

namespace {

const std::string switching =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
const std::string upgrade =
    "GET /up HTTP/1.1\r\nHost: f\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    "HTTP2-Settings: AAMAAABk\r\n\r\n";

}  // namespace

FramesTalk::FramesTalk(Next next, std::uint32_t limit, std::uint64_t cookie)
    : next_(std::move(next)), limit_(limit) {
    const unsigned shape = next_();
    constexpr std::array starts{Start::bare,     Start::bare,    Start::bare, Start::bare,
                                Start::upgraded, Start::proxied, Start::bare, Start::nonsense};
    start_ = starts[shape % 8];
    speaks_first_ = start_ != Start::upgraded && (shape & 8) != 0;
    socket.cookie = cookie;
    socket.blocking = (shape & 16) != 0;
    socket.client_waits = true;
    if (start_ == Start::upgraded) {
        say(upgrade);
        before_ = asked_.size();
        streams_.begin_upgraded();
        offered_.begin_upgraded();
        newest_ = 3;
        exchanges_ = 1;
        answers_ = switching;
        switched_ = switching.size();
        return;
    }
    if (start_ == Start::proxied) say("PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\n");
    if (start_ == Start::nonsense) disturb(), limit_ = 0, say("PRI * HTTP/2.0 or so\r\n");
    before_ = asked_.size();
    greet();
}

// ---- reading ----

std::size_t FramesTalk::readable_unseen() const {
    const std::size_t start = before_ + http2::client_preface.size();
    if (delivered_ < start) return 0;
    return model::Parsed(from(first(asked_, delivered_), start)).payload_left();
}

void FramesTalk::read(int fd, unsigned way, std::size_t size) {
    if (reading_ != 0) return;
    std::array<char, 700> room;
    size = std::min(size, room.size());
    way %= 11;
    if (way == 10) disturb();
    if (way == 6) spliced_ = true;
    if (const std::size_t most = readable_unseen(); way == 6 && most > 0)
        size = std::min(size, most);
    else if (way == 6)
        disturb();
    errno = 0;
    ++reading_;
    const ssize_t got = receive(fd, way, room.data(), size);
    --reading_;
    took(got, room.data(), size, way == 1);
    check();
}

void FramesTalk::took(ssize_t size, const char* bytes, std::size_t room, bool peeked) {
    if (size < 0) {
        UPHOLD(errno == EAGAIN || errno == EINTR || errno == ECONNRESET || errno == ENOBUFS ||
               errno == EINVAL);
        if (socket.reset) disturb();
        return;
    }
    const auto count = static_cast<std::size_t>(size);
    UPHOLD(count <= room);
    UPHOLD(asked_.compare(delivered_, count, bytes, count) == 0);
    const bool left = socket.output_shut && socket.shut_by_guest;
    UPHOLD(!left || count == 0);
    const bool ended = socket.client_done || socket.input_shut || socket.reset;
    if (count == 0 && room > 0) UPHOLD(ended);
    if (peeked) return;
    delivered_ += count;
    hear();
}

void FramesTalk::hear() {
    const std::size_t start = before_ + http2::client_preface.size();
    const bool begun = delivered_ >= before_ + 11;
    if (begun && limit_ != 0 && exchanges_ >= limit_ && !due_) due_ = accepted_;
    // Nothing is told before the preface is whole.
    if (!greeted_) late_ = std::max(late_, accepted_);
    greeted_ = delivered_ >= start;
    if (!greeted_) return;
    const model::Parsed parsed(from(first(asked_, delivered_), start));
    for (; heard_ < parsed.happenings().size(); ++heard_) {
        static_cast<void>(offered_.of_client(parsed.happenings()[heard_]));
        if (!streams_.of_client(parsed.happenings()[heard_])) continue;
        if (limit_ == 0 || ++exchanges_ < limit_ || due_) continue;
        due_ = late_ = accepted_;
    }
    if (streams_.take_changed()) stirred_ = moment;
}

void FramesTalk::read_unseen(std::size_t size) {
    disturb();
    size = std::min(size, socket.unread.size());
    if (finished_ || size == 0) return;
    socket.unread.erase(0, size);
    socket.taken += size;
    delivered_ += size;
    hear();
}

// ---- writing ----

bool FramesTalk::may_write() const {
    if (start_ == Start::upgraded) return delivered_ >= before_;
    return speaks_first_ || delivered_ >= before_ + http2::client_preface.size();
}

Bytes FramesTalk::written() const { return from(first(answers_, accepted_), switched_); }

// What the server offers from here on goes nowhere.
void FramesTalk::note_finish() {
    if (socket.output_shut && socket.shut_by_guest && !finished_) finished_ = accepted_;
}

// May the guest know already that this is HTTP/2?
bool FramesTalk::is_recognised() const {
    if (start_ == Start::upgraded) return accepted_ >= switched_;
    return accepted_ > 0 || delivered_ >= before_ + 11;
}

void FramesTalk::write(int fd, unsigned way, std::size_t size) {
    if (!may_write() || writing_ != 0) return;
    note_finish();
    way %= 16;
    const bool unseen = way >= 5 && way <= 7;
    const bool special = way >= 11 && way <= 14;
    const bool frames = accepted_ >= switched_;
    const std::size_t left = frames ? model::Parsed(written()).payload_left() : 0;
    if (unseen && left > 0)
        size = std::min(size, left);
    else if (unseen || way == 14 || (special && !is_recognised()))
        disturb();
    for (int i = 0; i < 8 && answers_.size() - accepted_ < size && !wrong_; ++i) grow();
    const std::string text = answers_.substr(accepted_, size);
    const auto place = special && due_ ? due_place(std::max(*due_, late_)) : std::nullopt;
    const bool in_order = due_ && (!special || (place && *place == accepted_));
    const bool shut = socket.output_shut && !socket.shut_by_guest;
    ++writing_;
    errno = 0;
    const ssize_t sent = transmit(fd, way, text);
    --writing_;
    if (sent >= 0 && !socket.reset && !shut) UPHOLD(errno == 0);
    wrote(sent, text.size(), in_order);
    check();
}

void FramesTalk::wrote(ssize_t size, std::size_t offered, bool in_order) {
    if (size < 0) {
        const bool shut = socket.reset || (socket.output_shut && !socket.shut_by_guest);
        UPHOLD(errno == EAGAIN || errno == EINTR || errno == ENOBUFS ||
               ((errno == EPIPE || errno == ECONNRESET) && shut));
        if (socket.reset) disturb();
        return;
    }
    UPHOLD(static_cast<std::size_t>(size) <= offered);
    accepted_ += static_cast<std::size_t>(size);
    // It came due while these bytes were under way, or their call may not carry anything more.
    if (due_ && !place_ && !in_order) late_ = accepted_;
    follow_written();
}

void FramesTalk::follow_written() {
    if (accepted_ <= switched_ || finished_) return;  // what goes nowhere changes nothing
    const model::Parsed parsed(written());
    for (; seen_ < parsed.happenings().size(); ++seen_) {
        static_cast<void>(streams_.of_server(parsed.happenings()[seen_]));
    }
    if (streams_.take_changed()) stirred_ = moment;
}

void FramesTalk::write_unseen(std::size_t size) {
    if (writing_ != 0 || !may_write() || finished_ || socket.output_shut || socket.reset) return;
    const std::size_t extra = socket.wire.size() - accepted_;
    if (extra % http2::goaway_size != 0) return;  // whoever does this, breaks a frame of ours, too
    for (int i = 0; i < 8 && answers_.size() - accepted_ < size && !wrong_; ++i) grow();
    const std::string text = answers_.substr(accepted_, size);
    if (text.empty()) return;
    disturb();
    socket.wire += text;
    accepted_ += text.size();
    follow_written();
}

void FramesTalk::shut_down(int fd, int how) {
    kernel.shutting_down = true;
    static_cast<void>(::shutdown(fd, how));
    kernel.shutting_down = false;
    disturb();
    half_closed_ = half_closed_ || how != SHUT_RD;
    check();
}

}  // namespace lastcall::fake
