// What no server should do and every server does once: a number closed or replaced while another
// thread is inside a call on it.

#include "scenes.hpp"
#include "shelf.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>

namespace lastcall::threads {
namespace {

Shelf shelf;

void serve(int fd, Chance& chance) {
    constexpr int patience = 100;  // a poller is not told that its descriptor was closed
    const timeval limit{0, patience * 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    Reader reader(fd, chance, patience);
    for (int number = reader.next(); number >= 0; number = reader.next()) {
        if (!write_all(fd, response(static_cast<unsigned>(number)), chance)) break;
    }
}

void serve_own_place(Stage& stage, unsigned thread, Chance& chance) {
    while (!stage.over()) {
        const int fd = stage.accept();
        if (fd < 0) continue;
        Shelf::put(shelf.at(thread), fd);
        serve(fd, chance);
        Shelf::close(shelf.at(thread));
    }
}

// Half of the threads serve, the others do `harm` to a descriptor in use.
template <typename Harm>
void with_harm(Stage& stage, unsigned thread, Harm harm) {
    Chance chance(stage.seed() + thread * 77);
    if (thread % 2 == 0) {
        serve_own_place(stage, thread / 2, chance);
    } else {
        while (!stage.over()) {
            ::usleep(chance.below(3000));
            harm(shelf.at(chance.below(4)), chance);
        }
    }
    shelf.clear();
}

void closed_meanwhile(Stage& stage, unsigned thread) {
    with_harm(stage, thread, [](std::atomic<int>& place, Chance&) { Shelf::close(place); });
}

void replaced_meanwhile(Stage& stage, unsigned thread) {
    with_harm(stage, thread, [](std::atomic<int>& place, Chance& chance) {
        const int other = chance.one_in(2) ? shelf.at(chance.below(4)).load() : -1;
        const int from = other >= 0 ? other : ::open("/dev/null", O_RDWR | O_CLOEXEC);
        Shelf::copy_over(from, place);
        if (other < 0) ::close(from);
    });
}

constexpr std::array scenes{
    Scene{"close races read", Sequence::any, closed_meanwhile},
    Scene{"dup2 over what is in use", Sequence::any, replaced_meanwhile},
};

}  // namespace

std::span<const Scene> disorderly_scenes() { return scenes; }

}  // namespace lastcall::threads
