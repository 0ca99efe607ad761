// Where --listen listens: reads [ADDRESS:]PORT, and makes the socket. Knows no HTTP.
#pragma once

#include "../files.hpp"

#include <lastcall/bytes.hpp>

#include <cstdint>
#include <string>

namespace lastcall::command {

struct Endpoint {
    std::string address;  // a number of IPv4 or IPv6; empty: all of this machine's
    std::uint16_t port = 0;
};

// PORT, 127.0.0.1:PORT, [::1]:PORT. No names: the resolver is not part of a static program. Throws
// UsageError.
[[nodiscard]] Endpoint read_endpoint(Bytes text);

[[nodiscard]] std::string endpoint_text(const Endpoint& endpoint);

// A listening socket that does not block. Throws Failure.
[[nodiscard]] Descriptor listen_at(const Endpoint& endpoint);

}  // namespace lastcall::command
