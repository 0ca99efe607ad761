// What correct servers do among threads: one reads and others write, so that a response may be out,
// and its client have asked again, before its writer has come back from the call; and descriptors
// that are copied while their owners close them.

#include "queue.hpp"
#include "scenes.hpp"

#include <sys/epoll.h>
#include <unistd.h>
#include <array>
#include <atomic>
#include <map>
#include <thread>

namespace lastcall::threads {
namespace {

struct Turn {
    int fd = -1;
    unsigned number = 0;
};

Queue<Turn> turns;

void work(const Stage& stage, Chance& chance) {
    while (!stage.over()) {
        Turn turn;
        if (!turns.take(turn))
            std::this_thread::yield();
        else
            static_cast<void>(write_all(turn.fd, response(turn.number), chance));
    }
}

// Reads requests off all connections, and never waits for a response.
class Hall {
public:
    Hall(const Stage& stage, Chance& chance)
        : stage_(stage), chance_(chance), set_(::epoll_create1(EPOLL_CLOEXEC)) {}
    ~Hall() {
        for (const auto& [fd, reader] : readers_) ::close(fd);
        ::close(set_);
    }
    Hall(const Hall&) = delete;
    Hall& operator=(const Hall&) = delete;

    void serve() {
        while (!stage_.over()) {
            for (int fd = stage_.accept_now(); fd >= 0; fd = stage_.accept_now()) welcome(fd);
            std::array<epoll_event, 16> events{};
            const int count = ::epoll_wait(set_, events.data(), 16, 1);
            for (int i = 0; i < count; ++i) read(events[static_cast<std::size_t>(i)].data.fd);
        }
    }

private:
    void welcome(int fd) {
        readers_.emplace(fd, Reader(fd, chance_));
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        ::epoll_ctl(set_, EPOLL_CTL_ADD, fd, &event);
    }
    void read(int fd) {
        const int number = readers_.at(fd).next();
        if (number >= 0) return turns.put({fd, static_cast<unsigned>(number)});
        readers_.erase(fd);
        ::close(fd);
    }

    const Stage& stage_;
    Chance& chance_;
    int set_;
    std::map<int, Reader> readers_;
};

void taking_turns(Stage& stage, unsigned thread) {
    Chance chance(stage.seed() + thread * 77);
    if (thread != 0) return work(stage, chance);
    Hall(stage, chance).serve();
}

// Numbers that their owners close when they like.
std::array<std::atomic<int>, 4> numbers{-1, -1, -1, -1};

void copy(Chance& chance) {
    const int fd = numbers[chance.below(4)].load();
    const int other = fd >= 0 ? ::dup(fd) : -1;
    if (chance.one_in(2)) std::this_thread::yield();
    if (other >= 0) ::close(other);
}

void copied_meanwhile(Stage& stage, unsigned thread) {
    Chance chance(stage.seed() + thread * 77);
    while (!stage.over()) {
        if (thread % 2 == 1) {
            copy(chance);
            continue;
        }
        const int fd = stage.accept();
        if (fd < 0) continue;
        std::atomic<int>& number = numbers[thread / 2 % 4];
        number = fd;
        Reader reader(fd, chance);
        for (int next = reader.next(); next >= 0; next = reader.next()) {
            if (!write_all(fd, response(static_cast<unsigned>(next)), chance)) break;
        }
        ::close(fd);
    }
}

constexpr std::array scenes{
    Scene{"a reader and workers", Sequence::one_by_one, taking_turns},
    Scene{"copies race closes", Sequence::exact, copied_meanwhile},
};

}  // namespace

std::span<const Scene> turns_scenes() { return scenes; }

}  // namespace lastcall::threads
