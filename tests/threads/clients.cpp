// Each client connects, asks one by one or all at once, and compares bytes. It always asks for more
// than the limit, so that what is behind the last request is on its way, too.

#include "clients.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

namespace lastcall::threads {
namespace {

constexpr unsigned client_count = 6;
constexpr unsigned behind_the_last = 2;

enum class Met : std::uint8_t { expected, early_end, wrong };

class Client {
public:
    Client(const Errand& errand, std::uint64_t seed)
        : errand_(errand), chance_(seed), fd_(connected()) {}
    ~Client() { ::close(fd_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    [[nodiscard]] bool is_connected() const { return fd_ >= 0; }

    // One connection's whole life.
    Met talk() {
        const unsigned first = chance_.below(1000);
        const bool pipelined = errand_.sequence != Sequence::one_by_one && chance_.one_in(2);
        const unsigned asked = errand_.limit + behind_the_last;
        for (unsigned i = 0; pipelined && i < asked; ++i) say(request(first + i));
        for (unsigned i = 0; i < errand_.limit; ++i) {
            if (!pipelined) say(request(first + i));
            const bool last = i + 1 == errand_.limit;
            const std::string plain = response(first + i);
            const Met met = hear(last ? response(first + i, Place::last) : plain, plain);
            if (met != Met::expected) return met;
        }
        return hear_end();
    }

private:
    int connected() const {
        const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
        const timeval patience{is_exact() ? 30 : 0, 150'000};
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        if (connect_to(fd, errand_.port)) return fd;
        ::close(fd);
        return -1;
    }

    [[nodiscard]] bool is_exact() const {
        return errand_.sequence == Sequence::exact || errand_.sequence == Sequence::one_by_one;
    }

    void say(const std::string& text) const {
        static_cast<void>(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL));
    }

    Met hear(const std::string& expected, const std::string& unedited) const {
        std::string heard(expected.size(), '\0');
        std::size_t size = 0;
        while (size < expected.size()) {
            const ssize_t part = ::recv(fd_, heard.data() + size, heard.size() - size, 0);
            if (part <= 0) break;
            size += static_cast<std::size_t>(part);
        }
        const auto is = [&](const std::string& text) {
            return text.compare(0, size, heard, 0, size) == 0;
        };
        if (!is(expected)) {
            if (errand_.sequence == Sequence::prefix && is(unedited)) return Met::early_end;
            if (errand_.sequence != Sequence::any) show(expected, heard.substr(0, size));
            return Met::wrong;
        }
        return size == expected.size() ? Met::expected : Met::early_end;
    }

    // FIN: not a reset, not more bytes, not silence.
    Met hear_end() const {
        char more = 0;
        const ssize_t size = ::recv(fd_, &more, 1, 0);
        if (size == 0) return Met::expected;
        if (size < 0 && !is_exact()) return Met::early_end;
        if (errand_.sequence != Sequence::any) std::perror("instead of FIN");
        return Met::wrong;
    }

    static void show(const std::string& expected, const std::string& heard) {
        std::fprintf(stderr, "expected: %.200s\nheard: %.200s\n", expected.c_str(), heard.c_str());
    }

    const Errand& errand_;
    Chance chance_;
    int fd_;
};

bool satisfies(const Errand& errand, Met met) {
    if (errand.sequence == Sequence::any) return true;
    return met == Met::expected || (met == Met::early_end && errand.sequence == Sequence::prefix);
}

}  // namespace

bool connect_to(int fd, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool run_visits(const Errand& errand, unsigned count, unsigned least, const Visit& visit) {
    std::atomic<bool> good = true;
    std::atomic<unsigned> complete = 0;
    const auto end = Clock::now() + std::chrono::milliseconds(errand.milliseconds);
    const auto run = [&](unsigned number) {
        std::uint64_t seed = errand.seed * 1000003 + number;
        do {
            const Visited visited = visit(seed += count, end);
            if (!visited.good) good = false;
            if (visited.complete) ++complete;
        } while (good && Clock::now() < end);
    };
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < count; ++i) threads.emplace_back(run, i);
    for (std::thread& thread : threads) thread.join();
    std::printf("%u connections complete\n", complete.load());
    std::fflush(stdout);
    return good && complete >= least;
}

bool run_clients(const Errand& errand) {
    const unsigned least = errand.sequence == Sequence::any ? 0 : 1;
    return run_visits(errand, client_count, least, [&](std::uint64_t seed, Clock::time_point) {
        Client client(errand, seed);
        if (!client.is_connected()) return Visited{};
        const Met met = client.talk();
        return Visited{satisfies(errand, met), met == Met::expected};
    });
}

}  // namespace lastcall::threads
