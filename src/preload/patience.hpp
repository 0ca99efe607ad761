// How long a blocking read waits behind the last request: for the client to take the response, and
// then to say FIN. Knows times, and reads nothing.
#pragma once

#include "table.hpp"

#include <lastcall/policy.hpp>

namespace lastcall {

// Connections are numbered by birth, and a thread remembers the last one when it waits for several
// things at once. If that is so since a connection was born, the connection is one of the things:
// others wait for this thread. (Who only accepts from several sockets, and then serves one
// connection to its end, has not done so meanwhile.)
[[gnu::visibility("hidden")]] extern constinit std::atomic<std::uint32_t> births;
[[gnu::visibility("hidden")]] extern constinit thread_local std::uint32_t births_at_wait;

[[nodiscard]] inline std::uint32_t new_birth() {
    return births.fetch_add(1, std::memory_order_relaxed) + 1;
}
inline void waits_for_several() { births_at_wait = births.load(std::memory_order_relaxed); }
[[nodiscard]] inline bool is_one_of_several(const Connection& connection) {
    const std::uint32_t known = births_at_wait;
    return known != 0 && static_cast<std::int32_t>(known - connection.birth) >= 0;
}

class Patience {
public:
    Patience(Slot slot, int fd);

    // Bytes have been thrown away that the server's own read would have returned at once.
    void meet();
    // For how many milliseconds to wait now before it is asked again; 0: no longer.
    [[nodiscard]] int left();
    // Behind the end: is the server to be told that there is nothing now, or that nothing comes?
    [[nodiscard]] bool ends_input() const { return ends_input_; }

private:
    static constexpr Moment never = ~Moment{0};

    void look(Moment now);
    [[nodiscard]] Moment our_end() const;

    Slot slot_;
    int fd_;
    int slice_ = 0;  // the last one
    int unacknowledged_ = 0;
    bool met_ = false;
    bool several_;  // others wait for this thread
    bool ends_input_ = false;
    Moment progress_;  // of the client's taking, or our noticing that it has all
    Moment own_end_;   // by the socket's own timeout, or since others are held up
};

}  // namespace lastcall
