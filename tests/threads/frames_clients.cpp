// Each client connects, opens streams until it is told to go, and then goes, stays, or opens one
// more when the connection is about to be ended.

#include "frames_clients.hpp"

#include "frames.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <map>

namespace lastcall::threads {
namespace {

constexpr unsigned client_count = 12;
constexpr std::uint32_t any_stream = 0x7fffffff;

class Client {
public:
    Client(const Errand& errand, std::uint64_t seed, Clock::time_point end)
        : errand_(errand),
          chance_(seed),
          end_(end),
          is_exact_(errand.sequence == Sequence::exact),
          fd_(connected_to(errand.port)) {}
    ~Client() { ::close(fd_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    [[nodiscard]] bool is_connected() const { return fd_ >= 0; }

    // One connection's whole life. False: something was wrong.
    bool talk() {
        say(client_greeting());
        while (!told_ && !over_ && good_) {
            for (unsigned i = 1 + chance_.below(3); i > 0; --i) open();
            hear_answers();
        }
        const unsigned then = chance_.below(3);
        if (then == 1) wait(100);
        if (then == 2) race();
        return good_;
    }
    [[nodiscard]] bool complete() const { return told_ && open_.empty(); }

private:
    static int connected_to(std::uint16_t port) {
        const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
        if (connect_to(fd, port)) return fd;
        ::close(fd);
        return -1;
    }
    void say(const std::string& text) const {
        static_cast<void>(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL));
    }
    void open() {
        const std::uint32_t number = Ledger::shared().new_number();
        open_[next_] = {number, {}};
        ++opened_;
        say(open_stream(next_, number, chance_.one_in(3)));
        next_ += 2;
    }
    void hear_answers() {
        while (!open_.empty() && !over_ && good_) hear(30'000);
    }
    // Some time after it has been told, perhaps when it is being ended.
    void race() {
        wait(6 + static_cast<int>(chance_.below(8)));
        if (over_ || !good_) return;
        for (unsigned i = 1 + chance_.below(2); i > 0; --i) open();
        hear_answers();
    }
    void wait(int milliseconds) {
        const auto until = Clock::now() + std::chrono::milliseconds(milliseconds);
        while (!over_ && good_ && Clock::now() < until && Clock::now() < end_) hear(1);
    }

    void hear(int milliseconds) {
        pollfd ready{fd_, POLLIN, 0};
        constexpr int hopeful = 150;
        const int patience = is_any() ? std::min(milliseconds, hopeful) : milliseconds;
        const int count = ::poll(&ready, 1, patience);
        if (count == 0 && milliseconds < 1000) return;
        if (count == 0) return give_up();
        char bytes[8192];
        const ssize_t size = ::recv(fd_, bytes, sizeof bytes, 0);
        if (size <= 0) return end(size);
        held_.append(bytes, static_cast<std::size_t>(size));
        Frame frame;
        while (good_ && take_frame(held_, frame)) judge(frame);
    }
    void end(ssize_t size) {
        over_ = true;
        if (left_) {
            // What is open now above the last one will never be processed.
            for (auto at = open_.upper_bound(last_); at != open_.end(); ++at) {
                Ledger::shared().refuse(at->second.number);
            }
            if (size == 0 && held_.empty()) return Ledger::shared().finish();
        }
        if (is_exact_) fail(size < 0 ? "a reset" : "an early end");
    }

    void judge(const Frame& frame) {
        if (left_) return fail("bytes behind the last GOAWAY");
        if (!greeted_ && frame.type != 4) return fail("not SETTINGS first");
        greeted_ = true;
        if (frame.type == 7) return be_told(number_in(frame));
        if (frame.type > 1) return;
        const auto place = open_.find(frame.stream);
        if (place == open_.end()) return fail("a stream that is not open");
        Request& request = place->second;
        if (frame.type == 0) request.heard += frame.payload;
        if (frame.type == 1 && is_exact_ && frame.stream >= 2 * errand_.limit - 1 && !told_)
            return fail("an answer before the GOAWAY that was due");
        if (!frame.ends_stream()) return;
        if (request.heard != content_of(request.number)) return fail("another answer");
        open_.erase(place);
    }
    void be_told(std::uint32_t last) {
        if (!told_) {
            told_ = true;
            if (last != any_stream) fail("a last stream at once");
            if (opened_ < errand_.limit) fail("told too early");
            return;
        }
        left_ = true;
        last_ = last;
        if (last >= next_) fail("a last stream that was never opened");
        if (!open_.empty() && open_.begin()->first <= last) fail("left with a stream open");
    }
    [[nodiscard]] bool is_any() const { return errand_.sequence == Sequence::any; }
    void give_up() {
        over_ = true;
        fail("nothing comes");
    }
    void fail(const char* why) {
        if (is_any()) return;
        std::fprintf(stderr, "%s: told %d, left %d, %u opened, %zu open\n", why, told_, left_,
                     opened_, open_.size());
        good_ = false;
    }

    struct Request {
        std::uint32_t number;
        std::string heard;
    };

    const Errand& errand_;
    Chance chance_;
    Clock::time_point end_;
    bool is_exact_;
    int fd_;
    std::string held_;
    std::map<std::uint32_t, Request> open_;
    std::uint32_t next_ = 1;
    unsigned opened_ = 0;
    bool greeted_ = false;
    bool told_ = false;
    bool left_ = false;       // the guest has said its last
    std::uint32_t last_ = 0;  // stream that may be processed then
    bool over_ = false;
    bool good_ = true;
};

}  // namespace

bool run_frames_clients(const Errand& errand) {
    const unsigned least = errand.sequence == Sequence::any ? 0 : 1;
    return run_visits(errand, client_count, least, [&](std::uint64_t seed, Clock::time_point end) {
        Client client(errand, seed, end);
        if (!client.is_connected()) return Visited{};
        const bool good = client.talk();
        return Visited{good, client.complete()};
    });
}

}  // namespace lastcall::threads
