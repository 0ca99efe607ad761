// The clients: a process of their own, so that no descriptor of theirs can be hit by a server that
// closes what it does not own. Knows what the responses must be, nothing of the server.
#pragma once

#include "exchange.hpp"

#include <chrono>
#include <functional>

namespace lastcall::threads {

enum class Sequence : std::uint8_t {
    exact,       // every byte is known, FIN follows the last, and no connection ends early
    one_by_one,  // the same, of clients that ask only once they have been answered
    prefix,  // it may end anywhere, and so the last head need not say so; else every byte is known
    any      // the server gives no promise; only nobody waits for ever
};

struct Errand {
    std::uint16_t port = 0;
    Sequence sequence = Sequence::exact;
    unsigned limit = 0;  // exchanges of a connection
    unsigned milliseconds = 0;
    std::uint64_t seed = 0;
    bool frames = false;  // in HTTP/2
};

[[nodiscard]] bool connect_to(int fd, std::uint16_t port);

// How one connection went.
struct Visited {
    bool good = true;
    bool complete = false;
};
// One connection after the other, each with a seed of its own, in so many threads until `end`.
// False if one was not good, or fewer than `least` were complete.
using Clock = std::chrono::steady_clock;
using Visit = std::function<Visited(std::uint64_t seed, Clock::time_point end)>;
[[nodiscard]] bool run_visits(const Errand& errand, unsigned threads, unsigned least,
                              const Visit& visit);

// Runs client threads until the time is over. False if a response was wrong or too few came.
[[nodiscard]] bool run_clients(const Errand& errand);

}  // namespace lastcall::threads
