// What no server should do and every server does once: a number closed or replaced while another
// thread is inside a call on it, and descriptors that everybody uses as he likes.

#include "scenes.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>
#include <atomic>

namespace lastcall::threads {
namespace {

// Descriptors that any thread may take; whoever takes one closes it, so that no other is hit.
class Shelf {
public:
    Shelf() {
        for (std::atomic<int>& place : places_) place = -1;
    }
    std::atomic<int>& at(unsigned place) { return places_[place % places_.size()]; }
    static void close(std::atomic<int>& place) {
        if (const int fd = place.exchange(-1); fd >= 0) ::close(fd);
    }
    static void put(std::atomic<int>& place, int fd) {
        if (const int before = place.exchange(fd); before >= 0) ::close(before);
    }
    void clear() {
        for (std::atomic<int>& place : places_) close(place);
    }

private:
    std::array<std::atomic<int>, 4> places_;
};

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
        const int fd = place.load();
        const int other = chance.one_in(2) ? shelf.at(chance.below(4)).load() : -1;
        const int from = other >= 0 ? other : ::open("/dev/null", O_RDWR | O_CLOEXEC);
        if (fd >= 0 && fd != from) ::dup3(from, fd, O_CLOEXEC);
        if (other < 0) ::close(from);
    });
}

void send_file(int fd, const std::string& text) {
    const int file = ::memfd_create("response", MFD_CLOEXEC);
    off_t start = 0;
    if (::write(file, text.data(), text.size()) > 0) ::sendfile(fd, file, &start, text.size());
    ::close(file);
}

void use(Stage& stage, std::atomic<int>& place, Chance& chance) {
    char bytes[2000];
    const int fd = place.load();
    const std::string text = response(chance.below(6));
    switch (chance.below(12)) {
        case 0: return Shelf::put(place, stage.accept_now());
        case 1: return Shelf::put(shelf.at(chance.below(4)), ::dup(fd));
        case 2: return Shelf::put(shelf.at(chance.below(4)), ::fcntl(fd, F_DUPFD_CLOEXEC, 0));
        case 3: return Shelf::close(place);
        case 4: return static_cast<void>(::shutdown(fd, SHUT_WR));
        case 5: return static_cast<void>(::recv(fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_PEEK));
        case 6: return send_file(fd, text);
        case 7:
        case 8:
            return static_cast<void>(
                ::send(fd, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
        default: return static_cast<void>(::recv(fd, bytes, sizeof bytes, MSG_DONTWAIT));
    }
}

void shared(Stage& stage, unsigned thread) {
    Chance chance(stage.seed() + thread * 77);
    while (!stage.over()) use(stage, shelf.at(chance.below(4)), chance);
    shelf.clear();
}

constexpr std::array scenes{
    Scene{"close races read", Sequence::any, closed_meanwhile},
    Scene{"dup2 over what is in use", Sequence::any, replaced_meanwhile},
    Scene{"everybody on everything", Sequence::any, shared},
};

}  // namespace

std::span<const Scene> disorderly_scenes() { return scenes; }

}  // namespace lastcall::threads
