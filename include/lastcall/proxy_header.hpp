// Skips the PROXY protocol header that layer-4 balancers put in front of a connection's bytes:
// version 1 (a text line) and version 2 (binary). Reads nothing out of it.
// (haproxy.org, "The PROXY protocol", sections 2.1 and 2.2)
#pragma once

#include <lastcall/progress.hpp>
#include <lastcall/words.hpp>

namespace lastcall {

class ProxyHeader {
public:
    // What the caller has already seen when it hands over.
    enum class Seen : std::uint8_t {
        text,   // "PROXY "
        binary  // "\r\n\r\n"
    };
    void begin(Seen seen);

    // Complete with the header's last byte.
    [[nodiscard]] Progress follow(Bytes in);

private:
    enum class At : std::uint8_t { protocol, addresses, line_feed, signature, lengths, skipped };

    [[nodiscard]] bool step(char c);
    [[nodiscard]] bool step_lengths(char c);

    std::uint32_t count_ = 0;  // text: bytes so far; binary: bytes so far, then bytes left
    At at_ = At::protocol;
    WordMatch word_;
    bool done_ = false;
};

}  // namespace lastcall
