// The calls of one connection, and its laws.

#include "calls_talk.hpp"

#include <cstdio>

namespace lastcall::fake {

namespace {

constexpr std::size_t most_held = 32;  // CloseOption::longest_output

std::size_t common_prefix(const std::string& a, const std::string& b) {
    const std::size_t shorter = std::min(a.size(), b.size());
    return static_cast<std::size_t>(
        std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(shorter), b.begin())
            .first -
        a.begin());
}

}  // namespace

// ---- reading ----

void Talk::read(int fd, unsigned way, std::size_t size) {
    std::array<char, 700> room;
    size = std::min(size, room.size());
    const bool peeked = way % 10 == 1;
    if (way % 10 == 6) disturb();  // splice, and what it moves is not known to be of a body
    errno = 0;
    took(fake::receive(fd, way % 10, room.data(), size), room.data(), size, peeked);
    check();
}

void Talk::took(ssize_t size, const char* bytes, std::size_t room, bool peeked) {
    if (size < 0) {
        const bool known =
            errno == EAGAIN || errno == EINTR || errno == ECONNRESET || errno == ENOBUFS;
        uphold(known);
        if (socket.reset) disturb();
        return;
    }
    const auto count = static_cast<std::size_t>(size);
    uphold(count <= room);
    uphold(play_.asked.compare(delivered_, count, bytes, count) == 0);
    const bool bounded = plain_ && play_.well_known && play_.last != 0;
    if (bounded) uphold(delivered_ + count <= play_.last_request_end);
    if (!peeked) delivered_ += count;
    const bool ended = socket.client_done || socket.input_shut || socket.reset;
    if (count == 0 && room > 0) uphold(ended || socket.taken > delivered_);
}

void Talk::read_unseen(std::size_t size) {
    disturb();
    size = std::min(size, socket.unread.size());
    if (socket.taken > delivered_) return;
    miscounted_ = miscounted_ || size > 0;
    socket.unread.erase(0, size);
    socket.taken += size;
    delivered_ += size;
}

// ---- writing ----

// How far a server that waits for requests may have answered.
std::size_t Talk::answerable() const {
    std::size_t end = 0;
    for (std::size_t i = 0; i < play_.request_ends.size(); ++i) {
        if (play_.request_ends[i] <= delivered_) end = play_.response_ends[i];
    }
    return end;
}

std::string Talk::offered(std::size_t size, bool early) {
    const std::size_t bound = early ? play_.answers.size() : answerable();
    const std::size_t room = bound > accepted_ ? bound - accepted_ : 0;
    size = std::min(size, room);
    const bool late = play_.last != 0 && accepted_ >= play_.last_end;
    if (accepted_ + size > answerable() && !late) disturb();
    return play_.answers.substr(accepted_, size);
}

void Talk::write(int fd, unsigned way, std::size_t size, bool early) {
    const bool unseen = way % 12 >= 5 && way % 12 <= 7;
    if (const std::size_t most = play_.countable(accepted_); unseen && most > 0) {
        size = std::min(size, most);
    } else if (unseen || way % 12 == 11) {
        disturb();
    }
    const std::string text = offered(size, early);
    open_ = !socket.output_shut;
    errno = 0;
    wrote(fake::transmit(fd, way % 12, text), text.size());
    check();
}

void Talk::wrote(ssize_t size, std::size_t offered) {
    if (size < 0) {
        const bool shut = socket.reset || (socket.output_shut && !socket.shut_by_guest);
        const bool known = errno == EAGAIN || errno == EINTR || errno == ENOBUFS ||
                           ((errno == EPIPE || errno == ECONNRESET) && shut);
        uphold(known);
        if (socket.reset) disturb();
        return;
    }
    uphold(static_cast<std::size_t>(size) <= offered);
    accepted_ += static_cast<std::size_t>(size);
    if (open_ && accepted_ > play_.whole_end) crossed_ = accepted_;
}

void Talk::write_unseen(std::size_t size) {
    const bool within = accepted_ > play_.last_start && accepted_ < play_.head_end;
    if ((play_.last != 0 && within) || socket.output_shut || socket.reset) return;
    const std::string text = offered(size, false);
    if (text.empty() || said_close()) return;
    disturb();
    socket.wire += text;
    accepted_ += text.size();
    if (accepted_ > play_.whole_end) crossed_ = accepted_;
}

void Talk::shut_down(int fd, int how) {
    const bool torn_down = socket.output_shut && socket.shut_by_guest;
    kernel.shutting_down = true;
    const int result = ::shutdown(fd, how);
    kernel.shutting_down = false;
    if (torn_down && !socket.reset) uphold(result == 0);
    disturb();
    half_closed_ = half_closed_ || how != SHUT_RD;
    check();
}

void Talk::finish(int fd) {
    for (int round = 0; round < 3; ++round) {
        if (!socket.client_done && !socket.reset) {
            arrive(socket, socket.coming.size());
            if (socket.coming.empty() && round > 0) arrive(socket, 1);
        }
        for (int i = 0; i < 50 && !socket.unread.empty(); ++i) read(fd, 0, 700);
        for (int i = 0; i < 50 && accepted_ < answerable(); ++i) write(fd, 0, 700, false);
    }
    if (!plain_ || socket.reset || socket.output_shut) return;
    // Nothing stood in the way: all that could be answered has been.
    uphold(accepted_ >= answerable());
}

// ---- the laws ----

void Talk::uphold(bool holds) const {
    if (!holds) {
        std::fprintf(
            stderr,
            "limit reached by exchange %u, head %zu to %zu, end %zu, request ends at %zu\n"
            "plain %d, well known %d, delivered %zu of %zu, accepted %zu:\n%s\nseen:\n%s\n",
            play_.last, play_.head_start, play_.head_end, play_.last_end, play_.last_request_end,
            plain_, play_.well_known, delivered_, play_.asked.size(), accepted_,
            play_.answers.substr(0, accepted_).c_str(), socket.wire.c_str());
    }
    law(holds);
}

// Where the output ends. Whoever throws input away says FIN, too, where the server would close
// or has said it already; what the server offers behind that goes nowhere.
std::size_t Talk::last_end() const {
    return socket.output_shut ? std::min(play_.last_end, play_.whole_end) : play_.last_end;
}

std::string Talk::edited_text() const {
    const std::size_t end = std::min(std::max(last_end(), crossed_), play_.answers.size());
    return play_.answers.substr(0, play_.head_start) + play_.edited +
           play_.answers.substr(play_.head_end, end - play_.head_end);
}

bool Talk::is_untouched() const {
    if (play_.answers.compare(0, socket.wire.size(), socket.wire) != 0) return false;
    if (socket.wire.size() > accepted_) return false;
    const std::size_t missing = accepted_ - socket.wire.size();
    const bool in_head =
        play_.last != 0 && accepted_ > play_.head_start && accepted_ <= play_.head_end;
    return missing == 0 || (in_head && missing <= most_held);
}

bool Talk::said_close() const {
    if (play_.last == 0 || play_.edited.empty()) return false;
    const std::size_t end = play_.head_start + play_.edited.size();
    return socket.wire.size() >= end && edited_text().compare(0, end, socket.wire, 0, end) == 0;
}

// What the client sees if the edit is given up behind the server's first bytes: no line of the two
// that go, but for the one that was not over, and from there on what the server wrote.
std::string Talk::given_up(const Head& head, std::size_t behind) const {
    const std::string written = play_.answers.substr(head.start, behind - head.start);
    std::string kept = play_.answers.substr(0, head.start);
    for (std::size_t start = 0; start < written.size();) {
        const std::size_t end = std::min(written.find('\n', start), written.size() - 1) + 1;
        const std::string line = written.substr(start, end - start);
        start = end;
        const bool whole = line.ends_with('\n');
        const std::string name = "Keep-Alive:";
        if (whole && (line.starts_with(name) || line == "Connection: keep-alive\r\n")) continue;
        const bool going = !whole && line.starts_with(name);
        kept += going ? name + (line.ends_with('\r') ? "\r" : "") : line;
    }
    return kept + play_.answers.substr(behind, accepted_ - behind);
}

// Given up anywhere within the head? The kernel may not have taken all that was held back yet.
bool Talk::is_given_up(const Head& head, std::size_t most_missing) const {
    const std::string& wire = socket.wire;
    const std::size_t end = std::min(accepted_, head.end - 1);
    for (std::size_t behind = head.start; behind <= end; ++behind) {
        const std::string text = given_up(head, behind);
        if (text.starts_with(wire) && text.size() - wire.size() <= most_missing) return true;
    }
    // Or with the close field half sent: it was finished, and all behind it passes.
    if (accepted_ < head.end) return false;
    return wire == play_.answers.substr(0, head.start) + head.edited +
                       play_.answers.substr(head.end, accepted_ - head.end);
}

bool Talk::is_given_up(std::size_t most_missing) const {
    if (play_.last == 0) return false;
    return is_given_up({play_.head_start, play_.head_end, play_.edited}, most_missing);
}

Talk::Form Talk::form() const {
    if (is_untouched()) return Form::untouched;
    if (play_.last == 0 || accepted_ < play_.head_start) return Form::none;
    const std::string text = edited_text();
    const std::string& wire = socket.wire;
    const std::size_t same = common_prefix(text, wire);
    if (same == wire.size()) {
        if (accepted_ < play_.head_end) return Form::edited;
        const std::size_t body = std::min(accepted_, last_end()) - play_.head_end;
        const std::size_t due = play_.head_start + play_.edited.size() + body;
        // What one call offers beyond the end of the last response may have gone with it; of
        // several messages, those up to there.
        const bool beyond = crossed_ > last_end() && wire.size() > due &&
                            wire.size() <= due + (crossed_ - last_end());
        return wire.size() == due || beyond || socket.reset ? Form::edited : Form::none;
    }
    const std::size_t most = accepted_ <= play_.head_end ? most_held : 0;
    return is_given_up(most) ? Form::released : Form::none;
}

// Has the close field begun to leave? Its rest belongs to a byte that was never accepted.
bool Talk::adding() const {
    const std::string field = "Connection: close\r\n\r\n";
    const std::string head =
        play_.answers.substr(play_.head_start, play_.head_end - play_.head_start);
    if (head == play_.edited || !play_.edited.ends_with(field)) return false;
    const std::size_t start = play_.head_start + play_.edited.size() - field.size();
    return form() == Form::edited && socket.wire.size() > start;
}

// Where requests were read unseen, the guest's last is another than ours, and may persist though
// ours does not.
bool Talk::other_last() const {
    const std::string& wire = socket.wire;
    return miscounted_ &&
           std::any_of(play_.heads.begin(), play_.heads.end(), [&](const Head& head) {
               const std::string edited = play_.answers.substr(0, head.start) + head.edited;
               if (wire.size() <= head.start) return false;
               return wire.starts_with(edited) || edited.starts_with(wire) ||
                      is_given_up(head, most_held);
           });
}

void Talk::check() const {
    uphold(!kernel.broken);
    const Form now = form();
    const bool given_up = now == Form::released && (!plain_ || lost_);
    uphold(now == Form::untouched || now == Form::edited || given_up || lost_ || other_last());
    // Bytes are withheld behind the last request, and nowhere else; but that the guest has another
    // end in mind where requests were read unseen, and that an upload which cannot be followed any
    // more behind its whole response goes nowhere.
    if (socket.taken != delivered_) {
        const bool torn_down = socket.output_shut && socket.shut_by_guest;
        const bool unfollowed = !plain_ && torn_down && delivered_ < play_.last_request_end;
        const bool elsewhere = (miscounted_ && said_close()) || unfollowed;
        uphold(socket.taken > delivered_ && play_.last != 0 &&
               (delivered_ == play_.last_request_end || elsewhere));
    }
    const bool differs =
        play_.last != 0 &&
        play_.edited != play_.answers.substr(play_.head_start, play_.head_end - play_.head_start);
    // The output's position alone decides an edit: requests that were read unseen have made ours
    // the guest's next but one.
    if (differs && said_close() && !miscounted_) uphold(delivered_ <= play_.last_request_end);
    if (!plain_ || !play_.well_known || play_.last == 0 || accepted_ < play_.head_end) return;
    uphold(!differs || now == Form::edited);
    if (accepted_ >= play_.last_end) uphold(socket.output_shut && socket.shut_by_guest);
}

// Its last descriptor has been closed: what was held back has left.
void Talk::check_closed(bool faulted) const {
    if (lost_ || faulted || socket.reset || half_closed_ || other_last()) return;
    const bool in_head =
        play_.last != 0 && accepted_ > play_.head_start && accepted_ < play_.head_end;
    if (in_head) {
        uphold(is_given_up(0) || adding());
    } else {
        const Form now = form();
        uphold(now != Form::none);
        if (now == Form::untouched) uphold(socket.wire.size() == accepted_);
    }
}

}  // namespace lastcall::fake
