// How long a blocking read waits behind the last request: for the client to take the response, and
// then to say FIN. Knows times, and reads nothing.
#pragma once

#include "own_thread.hpp"
#include "table.hpp"

#include <lastcall/policy.hpp>

namespace lastcall {

// Connections are numbered by birth, and a thread remembers the last one when it waits for
// something to happen, or for several things at once; the process remembers it of all its threads.
// If that is so since a connection was born, the connection is one of the things. (Who only accepts
// from several sockets, and then serves one connection to its end, has not done so meanwhile.)
[[gnu::visibility("hidden")]] extern constinit std::atomic<std::uint32_t> births;
[[gnu::visibility("hidden")]] extern constinit std::atomic<std::uint32_t> births_at_any_wait;

[[nodiscard]] inline std::uint32_t new_birth() {
    return births.fetch_add(1, std::memory_order_relaxed) + 1;
}
inline void waits_for_several() {
    const std::uint32_t now = births.load(std::memory_order_relaxed);
    ThreadMemory& own = own_thread();
    if (own.births_at_wait == now) return;
    own.births_at_poll = own.births_at_wait = now;
    births_at_any_wait.store(now, std::memory_order_relaxed);
}

[[nodiscard]] inline bool is_known_to(std::uint32_t known, const Connection& connection) {
    const std::uint32_t birth = connection.birth.load(std::memory_order_relaxed);
    return known != 0 && static_cast<std::int32_t>(known - birth) >= 0;
}
// This thread knows by a wait what it reads, and others wait for it.
[[nodiscard]] inline bool is_one_of_several(const Connection& connection) {
    return is_known_to(own_thread().births_at_wait, connection);
}
// Some thread does; this one may read on its behalf.
[[nodiscard]] inline bool is_one_of_several_anywhere(const Connection& connection) {
    return is_known_to(births_at_any_wait.load(std::memory_order_relaxed), connection);
}
// This thread asks before it reads, and so does not mean to wait.
[[nodiscard]] inline bool is_asked_about(const Connection& connection) {
    return is_known_to(own_thread().births_at_poll, connection);
}

class Patience {
public:
    Patience(Slot slot, int fd);

    // Bytes have been thrown away that the server's own read would have returned at once. Each
    // time.
    void meet();
    // For how many milliseconds to wait now before it is asked again; 0: no longer.
    [[nodiscard]] int left();
    // Behind the end: is the server to be told that there is nothing now, or that nothing comes?
    [[nodiscard]] bool ends_input() const { return ends_input_; }

private:
    static constexpr Moment never = ~Moment{0};

    [[nodiscard]] static Moment later(Moment now, Moment by);
    void look(Moment now);
    [[nodiscard]] Moment our_end() const;
    [[nodiscard]] Moment held_up() const;

    Slot slot_;
    int fd_;
    int slice_ = 0;  // the last one
    int unacknowledged_ = 0;
    bool met_ = false;
    bool torn_down_ = false;
    bool several_;  // others wait for this thread
    bool ends_input_ = false;
    Moment progress_;  // of the client's taking, or our noticing that it has all
    Moment own_;       // the socket's own timeout
    Moment own_end_;
    Moment held_end_ = never;  // since somebody may be held up
};

}  // namespace lastcall
