// All addresses are one socket of IPv6 that takes IPv4 as well; where the kernel has no IPv6, or
// has it switched off, one of IPv4.

#include "endpoint.hpp"

#include "../options.hpp"
#include "../text.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <algorithm>
#include <cerrno>
#include <cstring>

namespace lastcall::command {
namespace {

struct Address {
    sockaddr_storage bytes{};
    socklen_t size = 0;
};

Address address_of(const std::string& text, std::uint16_t port) {
    Address address;
    sockaddr_in6 six{};
    sockaddr_in four{};
    six.sin6_family = AF_INET6;
    four.sin_family = AF_INET;
    six.sin6_port = four.sin_port = htons(port);
    if (inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) == 1) {
        address.size = sizeof six;
        std::memcpy(&address.bytes, &six, sizeof six);
    } else if (inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
        address.size = sizeof four;
        std::memcpy(&address.bytes, &four, sizeof four);
    }
    return address;
}

// Without a descriptor: errno says why.
Descriptor listen_on(const std::string& text, std::uint16_t port, bool both) {
    const Address address = address_of(text, port);
    constexpr int kind = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    Descriptor socket_{socket(address.bytes.ss_family, kind, 0)};
    if (!socket_) return socket_;
    const int on = 1;
    const int six_alone = both ? 0 : 1;
    setsockopt(socket_.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address.bytes.ss_family == AF_INET6) {
        setsockopt(socket_.number(), IPPROTO_IPV6, IPV6_V6ONLY, &six_alone, sizeof six_alone);
    }
    const auto* const name = reinterpret_cast<const sockaddr*>(&address.bytes);
    const bool done =
        bind(socket_.number(), name, address.size) == 0 && listen(socket_.number(), SOMAXCONN) == 0;
    if (done) return socket_;
    const int error = errno;
    socket_ = Descriptor{};
    errno = error;
    return Descriptor{};
}

[[noreturn]] void refuse(Bytes text) {
    throw UsageError("--listen \"" + visible(first(text, 80)) +
                     "\": expected a port from 1 to 65535, with an address in front or not, as in "
                     "19464, 127.0.0.1:19464 or [::1]:19464");
}

}  // namespace

Endpoint read_endpoint(Bytes text) {
    const std::size_t colon = text.rfind(':');
    const bool bare = colon == Bytes::npos;
    const auto port = whole_number(bare ? text : from(text, colon + 1));
    if (!port || *port == 0 || *port > 65535) refuse(text);
    Endpoint endpoint{{}, static_cast<std::uint16_t>(*port)};
    if (bare) return endpoint;
    Bytes address = first(text, colon);
    const bool six = address.size() > 2 && address.front() == '[' && address.back() == ']';
    if (six) address = first(from(address, 1), address.size() - 2);
    endpoint.address = address;
    const bool whole = address.find('\0') == Bytes::npos;
    const sa_family_t family = address_of(endpoint.address, 0).bytes.ss_family;
    if (!whole || family != (six ? AF_INET6 : AF_INET)) refuse(text);
    return endpoint;
}

std::string endpoint_text(const Endpoint& endpoint) {
    const std::string port = std::to_string(endpoint.port);
    if (endpoint.address.empty()) return "port " + port;
    const bool six = endpoint.address.find(':') != std::string::npos;
    return (six ? '[' + endpoint.address + ']' : endpoint.address) + ':' + port;
}

Descriptor listen_at(const Endpoint& endpoint) {
    const bool all = endpoint.address.empty();
    Descriptor socket = listen_on(all ? "::" : endpoint.address, endpoint.port, all);
    const bool no_six = errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL;
    if (!socket && all && no_six) socket = listen_on("0.0.0.0", endpoint.port, false);
    if (!socket) {
        throw Failure("cannot listen on " + endpoint_text(endpoint) + ": " + std::strerror(errno));
    }
    return socket;
}

}  // namespace lastcall::command
