// One thread a connection; one for each direction; one that half-closes while another writes;
// forks while all of that goes on.

#include "queue.hpp"
#include "scenes.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <thread>

namespace lastcall::threads {
namespace {

Chance chance_of(const Stage& stage, unsigned thread) { return Chance(stage.seed() + thread * 77); }

void serve(int fd, Chance& chance) {
    Reader reader(fd, chance);
    for (int number = reader.next(); number >= 0; number = reader.next()) {
        if (!write_all(fd, response(static_cast<unsigned>(number)), chance)) break;
    }
}

// Sometimes by a duplicate, whose number outlives the first.
void serve_and_close(int fd, Chance& chance) {
    const int other = chance.one_in(3) ? ::dup(fd) : -1;
    if (other >= 0) ::close(fd);
    serve(other >= 0 ? other : fd, chance);
    ::close(other >= 0 ? other : fd);
}

void alone(Stage& stage, unsigned thread) {
    Chance chance = chance_of(stage, thread);
    while (!stage.over()) {
        if (const int fd = stage.accept(); fd >= 0) serve_and_close(fd, chance);
    }
}

// Numbers of requests that one thread has read and another has yet to answer; -1 ends them.
using Numbers = Queue<int>;

void answer(int fd, Numbers& queue, Chance chance) {
    bool open = true;
    for (int number = 0; number >= 0;) {
        if (!queue.take(number)) {
            std::this_thread::yield();
        } else if (number >= 0 && open) {
            open = write_all(fd, response(static_cast<unsigned>(number)), chance);
        }
    }
    ::shutdown(fd, SHUT_WR);
}

void in_two_directions(Stage& stage, unsigned thread) {
    Chance chance = chance_of(stage, thread);
    while (!stage.over()) {
        const int fd = stage.accept();
        if (fd < 0) continue;
        const int out = chance.one_in(2) ? ::dup(fd) : fd;
        Numbers queue;
        std::thread writer(answer, out, std::ref(queue), Chance(chance.below(1U << 30)));
        Reader reader(fd, chance);
        int number = 0;
        while (number >= 0) queue.put(number = reader.next());
        writer.join();
        if (out != fd) ::close(out);
        ::close(fd);
    }
}

void half_closed_meanwhile(Stage& stage, unsigned thread) {
    Chance chance = chance_of(stage, thread);
    while (!stage.over()) {
        const int fd = stage.accept();
        if (fd < 0) continue;
        const auto delay = std::chrono::microseconds(chance.below(2000));
        const int how = chance.one_in(2) ? SHUT_WR : SHUT_RDWR;
        std::thread closer([fd, delay, how] {
            std::this_thread::sleep_for(delay);
            ::shutdown(fd, how);
        });
        serve(fd, chance);
        closer.join();
        ::close(fd);
    }
}

// In a fork child of many threads nothing may be allocated. It closes what it inherited, and what
// it says goes nowhere.
[[noreturn]] void live_as_child(unsigned way) {
    if (way == 0) ::close_range(3, ~0U, 0);
    for (int fd = 3; way == 1 && fd < 64; ++fd) ::close(fd);
    if (way == 2) ::dup2(::open("/dev/null", O_RDWR), 5);
    ::_exit(0);
}

void forking(Stage& stage, unsigned thread) {
    if (thread != 0) return alone(stage, thread);
    Chance chance = chance_of(stage, thread);
    while (!stage.over()) {
        const unsigned way = chance.below(3);
        const pid_t child = ::fork();
        if (child == 0) live_as_child(way);
        int status = 0;
        if (::waitpid(child, &status, 0) != child || status != 0) stage.fail("a fork child");
        ::poll(nullptr, 0, 5);
    }
}

constexpr std::array scenes{
    Scene{"one thread a connection", Sequence::exact, alone},
    Scene{"a reader and a writer", Sequence::one_by_one, in_two_directions},
    Scene{"forks meanwhile", Sequence::exact, forking},
    Scene{"shutdown races write", Sequence::prefix, half_closed_meanwhile},
};

}  // namespace

std::span<const Scene> orderly_scenes() { return scenes; }

}  // namespace lastcall::threads
