// Both versions of the PROXY protocol header, a byte at a time.

#include <lastcall/proxy_header.hpp>

#include <array>

namespace lastcall {
namespace {

constexpr std::array<Bytes, 3> protocols{"TCP4", "TCP6", "UNKNOWN"};
constexpr std::uint32_t longest_line = 107;  // section 2.1, CRLF included
constexpr Bytes signature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::uint32_t binary_header = 16;  // signature, version and command, family, length

}  // namespace

void ProxyHeader::begin(Seen seen) {
    *this = {};
    at_ = seen == Seen::text ? At::protocol : At::signature;
    count_ = seen == Seen::text ? 6 : 4;
}

Progress ProxyHeader::follow(Bytes in) {
    std::size_t taken = 0;
    while (!done_ && taken < in.size()) {
        if (!step(in[taken])) return malformed(taken, Opaque::not_http);
        ++taken;
    }
    return done_ ? complete(taken) : incomplete(taken);
}

bool ProxyHeader::step(char c) {
    if (at_ <= At::line_feed && ++count_ > longest_line) return false;
    switch (at_) {
        case At::protocol:
            if (c != ' ' && c != '\r') {
                word_.feed(protocols, c);
                return word_.possible();
            }
            at_ = c == ' ' ? At::addresses : At::line_feed;
            return word_.found(protocols) >= 0;
        case At::addresses:
            if (c == '\r') at_ = At::line_feed;
            return c == '\r' || (c >= ' ' && c <= '~');
        case At::line_feed: done_ = true; return c == '\n';
        case At::signature:
            if (c != signature[count_]) return false;
            if (++count_ == signature.size()) at_ = At::lengths;
            return true;
        case At::lengths: return step_lengths(c);
        case At::skipped: done_ = --count_ == 0; return true;
    }
    return false;
}

bool ProxyHeader::step_lengths(char c) {
    // Bytes 12 to 15; the last two are the length, whose high byte waits in the bits above.
    const auto byte = static_cast<unsigned char>(c);
    const std::uint32_t position = count_ & 0xff;
    if (position == 12 && (byte >> 4) != 2) return false;
    if (position == 14) count_ |= static_cast<std::uint32_t>(byte) << 8;
    if (position == binary_header - 1) {
        count_ = (count_ & 0xff00) | byte;
        at_ = At::skipped;
        done_ = count_ == 0;
        return true;
    }
    ++count_;
    return true;
}

}  // namespace lastcall
