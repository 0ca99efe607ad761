// Where threads find descriptors that are not their own.
#pragma once

#include <fcntl.h>
#include <unistd.h>
#include <array>
#include <atomic>

namespace lastcall::threads {

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
    // Off the shelf meanwhile: closed there, its number would be a copy's whose name nobody knows.
    static void copy_over(int from, std::atomic<int>& place) {
        const int to = place.exchange(-1);
        if (to < 0) return;
        if (from >= 0 && from != to) ::dup3(from, to, O_CLOEXEC);
        put(place, to);
    }
    void clear() {
        for (std::atomic<int>& place : places_) close(place);
    }

private:
    std::array<std::atomic<int>, 4> places_;
};

}  // namespace lastcall::threads
