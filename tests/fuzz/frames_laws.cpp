// What the client of a connection must have seen, whatever was called; and what it must have seen
// in the end, if nothing stood in the way.

#include "frames_talk.hpp"
#include "law.hpp"

#include <sys/socket.h>
#include <algorithm>
#include <cstdio>

#define UPHOLD(holds) uphold(holds, __LINE__)

namespace lastcall::fake {

namespace model = http2::model;

namespace {

const std::string go{"\0\0\x08\7\0\0\0\0\0\x7f\xff\xff\xff\0\0\0\0", 17};
constexpr std::uint64_t pause = 1000;

std::string last_go(std::uint32_t id) {
    std::string bytes = go;
    for (std::size_t i = 0; i < 4; ++i) bytes[9 + i] = static_cast<char>(id >> (24 - 8 * i));
    return bytes;
}

void show(const char* what, Bytes bytes) {
    std::fprintf(stderr, "%s (%zu):", what, bytes.size());
    for (const char c : bytes) std::fprintf(stderr, " %02x", static_cast<unsigned char>(c));
    std::fprintf(stderr, "\n");
}

}  // namespace

void FramesTalk::uphold(bool holds, int line) const {
    if (!holds) {
        std::fprintf(
            stderr,
            "law of line %d: start %d, limit %u, exchanges %u, plain %d, due %ld, late %zu, "
            "place %ld, delivered %zu, accepted %zu\n",
            line, static_cast<int>(start_), limit_, exchanges_, plain_,
            due_ ? static_cast<long>(*due_) : -1, late_, place_ ? static_cast<long>(*place_) : -1,
            delivered_, accepted_);
        show("offered", answers_);
        show("seen", socket.wire);
        show("asked", asked_);
    }
    law(holds);
}

// The first place for a frame of ours that is not before so many bytes of the server's.
std::optional<std::size_t> FramesTalk::due_place(std::size_t since) const {
    const model::Parsed parsed(from(answers_, switched_));
    std::size_t end = answers_.size();
    for (const model::Happening& happening : parsed.happenings()) {
        if (happening.what == model::Happening::goes) end = std::min(end, happening.at - 1);
    }
    for (const std::size_t place : parsed.places()) {
        if (place + switched_ >= since && place <= end) return place + switched_;
    }
    return {};
}

// Is what the client has seen the server's bytes with ours at that place?
bool FramesTalk::fits(std::size_t place, std::size_t sent) const {
    const std::size_t ours = std::min(socket.wire.size() - sent, go.size());
    if (ours < go.size() && place != sent) return false;
    const std::string all =
        answers_.substr(0, place) + go.substr(0, ours) + answers_.substr(place, sent - place);
    return socket.wire.starts_with(all);
}

void FramesTalk::check() {
    UPHOLD(!kernel.broken);
    if (writing_ != 0 || lost_) return;
    // The client waits for the switch of protocols.
    if (start_ == Start::upgraded && asked_.size() == before_ && socket.wire.size() >= switched_) {
        greet();
    }
    note_finish();
    const std::size_t sent = finished_.value_or(accepted_);
    UPHOLD(socket.wire.size() >= sent);
    const std::size_t ours = socket.wire.size() - sent;
    UPHOLD(limit_ != 0 || ours == 0);
    if (ours == 0) {
        UPHOLD(answers_.compare(0, sent, socket.wire) == 0);
    } else {
        check_told(sent);
    }
    if (finished_)
        check_finished();
    else
        UPHOLD(ours <= go.size() && (reading_ != 0 || socket.taken == delivered_));
    // It was due, and the server has written something at a place where it could be said.
    const auto place = due_ && greeted_ ? due_place(std::max(*due_, late_)) : std::nullopt;
    if (plain_ && place && accepted_ > *place) UPHOLD(ours >= go.size() && *place_ <= *place);
}

void FramesTalk::check_told(std::size_t sent) {
    UPHOLD(due_.has_value());
    if (place_) return UPHOLD(fits(*place_, sent));
    const model::Parsed parsed(from(answers_, switched_));
    for (const std::size_t some : parsed.places()) {
        const std::size_t place = some + switched_;
        if (place > sent || place < *due_ || !fits(place, sent)) continue;
        const auto goes = std::find_if(
            parsed.happenings().begin(), parsed.happenings().end(),
            [](const model::Happening& one) { return one.what == model::Happening::goes; });
        UPHOLD(goes == parsed.happenings().end() || goes->at > some);
        if (socket.wire.size() - sent >= go.size()) place_ = place;
        return;
    }
    UPHOLD(false);
}

// The highest stream and FIN: of a client that had been told, with nothing open, for some time.
void FramesTalk::check_finished() {
    UPHOLD(place_.has_value() && socket.wire.size() <= *finished_ + 2 * go.size());
    const std::string last = last_go(streams_.highest());
    const std::string end = socket.wire.substr(*finished_ + go.size());
    UPHOLD(!end.empty() && last.starts_with(end));
    UPHOLD(streams_.none() && !streams_.crowded() && !streams_.server_goes());
    UPHOLD(moment - stirred_ >= pause);
}

// Its last descriptor has been closed: a frame of ours that had begun is whole.
void FramesTalk::check_closed(bool faulted) {
    if (lost_ || faulted || socket.reset || half_closed_ || limit_ == 0) return;
    check();
    const std::size_t ours = socket.wire.size() - finished_.value_or(accepted_);
    UPHOLD(finished_ || ours % go.size() == 0);
}

void FramesTalk::finish(int fd) {
    for (int round = 0; round < 4; ++round) {
        end_halves();
        arrive(socket, socket.coming.size());
        for (int i = 0; i < 50 && !socket.unread.empty(); ++i) read(fd, 2, 700);
        if (!may_write() || wrong_ || socket.output_shut || socket.reset) continue;
        answer_all();
        for (int i = 0; i < 50 && accepted_ < answers_.size(); ++i) write(fd, 0, 4096);
    }
    for (int i = 0; i < 3; ++i) {
        moment += pause;
        read(fd, 2, 700);
    }
    const bool due = plain_ && named_once_ && place_ && !socket.reset && !socket.output_shut;
    UPHOLD(!due || spliced_ || socket.client_done || !streams_.none() || streams_.crowded() ||
           streams_.server_goes() || !model::Parsed(written()).ends_at_place());
}

}  // namespace lastcall::fake
