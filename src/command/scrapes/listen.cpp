// One thread, one poll over a few connections. Each has a moment by which it is over, whatever its
// client does, so a slow one costs the others nothing; when all are taken, the oldest gives way.
//
// The signals are blocked and read from a descriptor: process 1 of a container is sent no signal
// that it leaves at its default (pid_namespaces(7)), but those that it blocks.

#include "listen.hpp"

#include "../moment.hpp"
#include "../options.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace lastcall::command {
namespace {

constexpr std::size_t most_connections = 16;
constexpr std::uint64_t patience = 5000;  // milliseconds, for all of a connection
constexpr std::uint64_t pause_when_out = 100;

struct Connection {
    Descriptor socket;
    std::uint64_t end = 0;
    std::string request = {};
    std::string response = {};  // what of it is still to be sent
    bool answered = false;
};
using Connections = std::vector<Connection>;

// IMF-fixdate (RFC 9110, 5.6.7); the names are those of the C locale.
std::string date() {
    const time_t seconds = time(nullptr);
    tm broken{};
    gmtime_r(&seconds, &broken);
    std::array<char, 64> text{};
    return {text.data(), strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &broken)};
}

Descriptor signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    Descriptor file{signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (!file) throw Failure(std::string{"signalfd: "} + std::strerror(errno));
    return file;
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

// False: it is over.
bool send_on(Connection& connection) {
    const std::string& text = connection.response;
    const ssize_t sent =
        send(connection.socket.number(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return would_block();
    connection.response.erase(0, static_cast<std::size_t>(sent));
    // The socket stays until the client has closed: closed with bytes unread, it would be reset,
    // and what was sent be lost with it.
    if (connection.response.empty()) shutdown(connection.socket.number(), SHUT_WR);
    return true;
}

bool read_on(Connection& connection, const Metrics& metrics) {
    std::array<char, longest_request> bytes{};
    const ssize_t count =
        recv(connection.socket.number(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count < 0) return would_block();
    if (count == 0) return false;
    if (connection.answered) return true;  // read away
    connection.request.append(bytes.data(), static_cast<std::size_t>(count));
    if (!is_answerable(connection.request)) return true;
    connection.response = answer(connection.request, metrics, date());
    connection.answered = true;
    return send_on(connection);
}

bool go_on(Connection& connection, short ready, const Metrics& metrics) {
    if (connection.end <= now()) return false;
    if (ready == 0) return true;
    if (!connection.response.empty()) return send_on(connection);
    return read_on(connection, metrics);
}

// Those that are there already are taken in turn, so that nobody waits for a poll's timeout.
void accept_all(const Descriptor& listener, Connections& connections) {
    for (std::size_t i = 0; i < most_connections; ++i) {
        Descriptor socket{
            accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
        if (!socket && (would_block() || errno == ECONNABORTED)) return;
        const bool full = !socket || connections.size() == most_connections;
        if (full && !connections.empty()) connections.erase(connections.begin());
        if (!socket) {  // out of descriptors or memory: what waits would wake us at once
            wait_until(now() + pause_when_out);
            return;
        }
        connections.push_back({std::move(socket), now() + patience});
    }
}

int time_left(const Connections& connections) {
    if (connections.empty()) return -1;
    const std::uint64_t moment = now();
    const std::uint64_t end = connections.front().end;  // they are in order
    return end > moment ? static_cast<int>(end - moment) : 0;
}

std::vector<pollfd> polled(const Descriptor& ending, const Descriptor& listener,
                           const Connections& connections) {
    std::vector<pollfd> files{{ending.number(), POLLIN, 0}, {listener.number(), POLLIN, 0}};
    for (const Connection& connection : connections) {
        const bool sends = !connection.response.empty();
        files.push_back(
            {connection.socket.number(), static_cast<short>(sends ? POLLOUT : POLLIN), 0});
    }
    return files;
}

}  // namespace

void serve(const Endpoint& endpoint, const Metrics& metrics) {
    const Descriptor ending = signals();
    const Descriptor listener = listen_at(endpoint);
    std::printf("/metrics is served on %s\n", endpoint_text(endpoint).c_str());
    std::fflush(stdout);
    Connections connections;
    for (;;) {
        auto files = polled(ending, listener, connections);
        if (poll(files.data(), files.size(), time_left(connections)) < 0 && errno != EINTR) {
            throw Failure(std::string{"poll: "} + std::strerror(errno));
        }
        if (files[0].revents != 0) return;
        Connections kept;
        for (std::size_t i = 0; i < connections.size(); ++i) {
            if (go_on(connections[i], files[i + 2].revents, metrics)) {
                kept.push_back(std::move(connections[i]));
            }
        }
        connections = std::move(kept);
        if (files[1].revents != 0) accept_all(listener, connections);
    }
}

}  // namespace lastcall::command
