// What the scenes share: a listener, a connection's server side, and threads that run until the
// clients have gone. Calls libc as any server does; that a guest stands in between is not
// known.
#pragma once

#include "clients.hpp"

#include <atomic>
#include <functional>

namespace lastcall::threads {

class Stage {
public:
    Stage(std::uint64_t seed, unsigned threads);
    ~Stage();
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] bool over() const { return over_.load(); }
    [[nodiscard]] std::uint64_t seed() const { return seed_; }
    // A new connection; -1 if none came for a moment.
    [[nodiscard]] int accept() const;
    [[nodiscard]] int accept_now() const;

    using Part = std::function<void(Stage&, unsigned thread)>;
    // Forks the clients and plays until they have gone. False if they, or the server, failed.
    [[nodiscard]] bool play(Errand errand, const Part& part);
    void fail(const char* why);

private:
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::uint64_t seed_;
    unsigned threads_;
    std::atomic<bool> over_ = false;
    std::atomic<bool> failed_ = false;
};

// Reads requests off a connection, cut as chance has it.
class Reader {
public:
    Reader(int fd, Chance& chance, int patience = 30000)
        : fd_(fd), patience_(patience), chance_(chance) {}
    // The next request's number; -1: no more.
    [[nodiscard]] int next();

private:
    [[nodiscard]] bool more();

    int fd_;
    int patience_;  // milliseconds
    Chance& chance_;
    std::string held_;
};

// By one of the calls that write, in pieces as chance has it. False: the connection is no use.
[[nodiscard]] bool write_all(int fd, const std::string& text, Chance& chance);

}  // namespace lastcall::threads
