// Servers that speak HTTP/2: a thread for each direction; and halls, in which a thread has many
// connections, while in others' calls the guest looks after those that are quiet. In some halls
// numbers are closed, copied and replaced at just that time.

#include "clock.hpp"
#include "frames_server.hpp"
#include "queue.hpp"
#include "scenes.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <map>
#include <thread>
#include <utility>

namespace lastcall::threads {
namespace {

// ---- a thread for each direction ----

void write_answers(int fd, Queue<Request>& queue, Chance chance) {
    bool open = write_all(fd, server_greeting(), chance);
    for (;;) {
        Request request;
        if (!queue.take(request)) {
            std::this_thread::yield();
        } else if (request.stream == 0) {
            return;
        } else if (open) {
            open = write_all(fd, answer_stream(request.stream, request.number), chance);
        }
    }
}

void in_two_directions(Stage& stage, unsigned thread) {
    Chance chance(stage.seed() + thread * 77);
    while (!stage.over()) {
        const int fd = stage.accept();
        if (fd < 0) continue;
        Queue<Request> queue;
        std::thread writer(write_answers, fd, std::ref(queue), Chance(chance.below(1U << 30)));
        Incoming incoming;
        char bytes[4096];
        for (;;) {
            const ssize_t size = read_some(fd, bytes, sizeof bytes, chance);
            if (size <= 0) break;
            incoming.add({bytes, static_cast<std::size_t>(size)});
            for (Request request; incoming.take(request);) queue.put(request);
        }
        queue.put({});
        writer.join();
        ::close(fd);
    }
}

// ---- halls ----

enum class Harm : std::uint8_t { none, closes, replaces };

class Hall {
public:
    Hall(const Stage& stage, Chance& chance, Harm harm)
        : stage_(stage), chance_(chance), harm_(harm), set_(::epoll_create1(EPOLL_CLOEXEC)) {}
    ~Hall() {
        while (!guests_.empty()) leave(guests_.begin()->first);
        ::close(set_);
    }
    Hall(const Hall&) = delete;
    Hall& operator=(const Hall&) = delete;

    void serve() {
        while (!stage_.over()) {
            if (const int fd = stage_.accept_now(); fd >= 0) welcome(fd);
            std::array<epoll_event, 16> events{};
            const int count = ::epoll_wait(set_, events.data(), 16, 1);
            for (int i = 0; i < count; ++i) read(events[static_cast<std::size_t>(i)].data.fd);
            if (harm_ == Harm::closes && chance_.one_in(4)) close_one();
        }
    }

private:
    struct Guest {
        Incoming incoming;
        int other = -1;  // another number
    };

    void welcome(int fd) {
        const auto old = some();
        if (harm_ == Harm::replaces && old != guests_.end() && chance_.one_in(3)) {
            const int number = old->first;
            forget(number);
            ::dup2(fd, number);
            ::close(fd);
            fd = number;
        }
        Guest guest;
        if (harm_ != Harm::none && chance_.one_in(2)) guest.other = ::dup(fd);
        if (guest.other >= 0 && chance_.one_in(2)) std::swap(guest.other, fd);
        guests_[fd] = guest;
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        ::epoll_ctl(set_, EPOLL_CTL_ADD, fd, &event);
        static_cast<void>(write_all(fd, server_greeting(), chance_));
    }
    void read(int fd) {
        const auto guest = guests_.find(fd);
        if (guest == guests_.end()) return;
        char bytes[4096];
        const ssize_t size = read_some(fd, bytes, sizeof bytes, chance_);
        if (size <= 0) return leave(fd);
        Incoming& incoming = guest->second.incoming;
        incoming.add({bytes, static_cast<std::size_t>(size)});
        for (Request request; incoming.take(request);) {
            static_cast<void>(
                write_all(fd, answer_stream(request.stream, request.number), chance_));
        }
    }
    // As it goes, and its other number, perhaps at once.
    void forget(int fd) {
        if (const int other = guests_[fd].other; other >= 0) ::close(other);
        ::epoll_ctl(set_, EPOLL_CTL_DEL, fd, nullptr);
        guests_.erase(fd);
    }
    void leave(int fd) {
        forget(fd);
        ::close(fd);
    }
    void close_one() {
        const auto guest = some();
        if (guest == guests_.end()) return;
        int& other = guest->second.other;
        if (other < 0) return leave(guest->first);
        ::close(std::exchange(other, -1));
    }
    std::map<int, Guest>::iterator some() {
        if (guests_.empty()) return guests_.end();
        return std::next(guests_.begin(), chance_.below(static_cast<unsigned>(guests_.size())));
    }

    const Stage& stage_;
    Chance& chance_;
    Harm harm_;
    int set_;
    std::map<int, Guest> guests_;
};

template <Harm harm>
void in_halls(Stage& stage, unsigned thread) {
    constexpr unsigned times = 200;  // what takes two seconds there takes some milliseconds
    hasten(times);
    Chance chance(stage.seed() + thread * 77);
    Hall(stage, chance, harm).serve();
}

constexpr std::array scenes{
    Scene{"frames, a reader and a writer", Sequence::exact, in_two_directions, true},
    Scene{"frames, many in halls", Sequence::exact, in_halls<Harm::none>, true},
    Scene{"farewells race closes", Sequence::prefix, in_halls<Harm::closes>, true},
    Scene{"farewells race replacements", Sequence::prefix, in_halls<Harm::replaces>, true},
};

}  // namespace

std::span<const Scene> frames_scenes() { return scenes; }

}  // namespace lastcall::threads
