// The server side of one connection, and the frame around a scene.

#include "server.hpp"

#include "../../src/preload/status.hpp"
#include "frames.hpp"
#include "frames_clients.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace lastcall::threads {
namespace {

constexpr int moment = 20;  // milliseconds

ssize_t receive(int fd, char* to, std::size_t size, Chance& chance) {
    iovec halves[2] = {{to, size / 2}, {to + size / 2, size - size / 2}};
    msghdr message{};
    message.msg_iov = halves;
    message.msg_iovlen = 2;
    switch (chance.below(5)) {
        case 0: return ::readv(fd, halves, 2);
        case 1: return ::recvmsg(fd, &message, 0);
        case 2: {
            const ssize_t seen = ::recv(fd, to, size, MSG_PEEK);
            return seen <= 0 ? seen : ::recv(fd, to, static_cast<std::size_t>(seen), 0);
        }
        case 3: return ::recv(fd, to, size, 0);
        default: return ::read(fd, to, size);
    }
}

ssize_t transmit(int fd, const char* from, std::size_t size, Chance& chance) {
    char* const start = const_cast<char*>(from);
    iovec halves[2] = {{start, size / 2}, {start + size / 2, size - size / 2}};
    msghdr message{};
    message.msg_iov = halves;
    message.msg_iovlen = 2;
    switch (chance.below(4)) {
        case 0: return ::writev(fd, halves, 2);
        case 1: return ::sendmsg(fd, &message, MSG_NOSIGNAL);
        case 2: return ::write(fd, from, size);
        default: return ::send(fd, from, size, MSG_NOSIGNAL);
    }
}

// By the status page, if there is one: a scene leaves no descriptor behind.
std::int64_t open_connections() {
    const status::Page* const page = status::current();
    std::int64_t sum = 0;
    for (std::size_t i = 0; page != nullptr && i < page->workers.size(); ++i) {
        sum += page->workers[i].open.load();
    }
    return sum;
}

}  // namespace

Stage::Stage(std::uint64_t seed, unsigned threads) : seed_(seed), threads_(threads) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const place = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, place, length) != 0 || ::listen(listener_, 128) != 0) fail("listen");
    getsockname(listener_, place, &length);
    port_ = ntohs(address.sin_port);
}

Stage::~Stage() { ::close(listener_); }

void Stage::fail(const char* why) {
    std::fprintf(stderr, "failed: %s\n", why);
    failed_ = true;
}

int Stage::accept() const {
    pollfd ready{listener_, POLLIN, 0};
    return ::poll(&ready, 1, moment) == 1 ? accept_now() : -1;
}

int Stage::accept_now() const { return ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC); }

// No other thread lives yet when the clients are forked, so they may have threads of their own.
bool Stage::play(Errand errand, const Part& part) {
    errand.port = port_;
    errand.seed = seed_;
    std::fflush(stdout);
    Ledger::shared();
    const pid_t clients = ::fork();
    if (clients == 0) {
        const bool good = errand.frames ? run_frames_clients(errand) : run_clients(errand);
        std::exit(good ? 0 : 1);
    }
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < threads_; ++i) threads.emplace_back(part, std::ref(*this), i);
    int status = 0;
    if (::waitpid(clients, &status, 0) != clients || status != 0) fail("the clients");
    over_ = true;
    for (std::thread& thread : threads) thread.join();
    if (open_connections() != 0) fail("connections that the guest takes for open");
    // (A read that was waiting when its number was replaced brings what belongs to the number's
    // earlier connection, whose end its client may have been told of.)
    const bool consistent = !errand.frames || Ledger::shared().is_consistent();
    if (!consistent && errand.sequence != Sequence::any) fail("executed, though refused");
    return !failed_;
}

bool Reader::more() {
    char bytes[4096];
    const std::size_t size = chance_.one_in(4) ? 1 + chance_.below(200) : sizeof bytes;
    pollfd ready{fd_, POLLIN, 0};
    if (::poll(&ready, 1, patience_) != 1) return false;
    const ssize_t got = receive(fd_, bytes, size, chance_);
    if (got > 0) held_.append(bytes, static_cast<std::size_t>(got));
    return got > 0;
}

int Reader::next() {
    std::size_t end = std::string::npos;
    while ((end = held_.find("\r\n\r\n")) == std::string::npos) {
        if (!more()) return -1;
    }
    const auto number = static_cast<unsigned>(std::atoi(held_.c_str() + held_.find('/') + 1));
    const std::size_t size = std::max(request(number).size(), end + 4);
    while (held_.size() < size) {
        if (!more()) return -1;
    }
    held_.erase(0, size);
    return static_cast<int>(number);
}

bool write_all(int fd, const std::string& text, Chance& chance) {
    for (std::size_t done = 0; done < text.size();) {
        const std::size_t left = text.size() - done;
        const std::size_t size = chance.one_in(3) ? std::min<std::size_t>(left, 40) : left;
        const ssize_t sent = transmit(fd, text.data() + done, size, chance);
        if (sent <= 0) return false;
        done += static_cast<std::size_t>(sent);
    }
    return true;
}

}  // namespace lastcall::threads
