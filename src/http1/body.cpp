// The chunked framing of RFC 9112 7.1.

#include <lastcall/http1/body.hpp>

#include <lastcall/http1/block.hpp>

#include <algorithm>

namespace lastcall {

void Body::begin_chunks() {
    at_ = At::size;
    section_.restart();
}

std::uint64_t Body::countable() const {
    switch (end_) {
        case BodyEnd::none: return 0;
        case BodyEnd::counted: return remaining_;
        case BodyEnd::chunked: return at_ == At::data ? remaining_ : 0;
        case BodyEnd::until_close: return longest_length;
    }
    return 0;
}

Progress Body::follow_uncounted(Bytes in) {
    if (end_ == BodyEnd::chunked) return follow_chunks(in);
    return end_ == BodyEnd::none ? complete(0) : incomplete(in.size());
}

Progress Body::follow_chunks(Bytes in) {
    std::size_t taken = 0;
    while (at_ != At::done && taken < in.size()) {
        const Bytes rest = from(in, taken);
        if (at_ == At::data) {
            const auto data = std::min<std::uint64_t>(rest.size(), remaining_);
            remaining_ -= data;
            taken += static_cast<std::size_t>(data);
            if (remaining_ == 0) at_ = At::data_return;
        } else if (at_ == At::trailer) {
            const Progress fields = section_.follow(rest);
            taken += fields.taken;
            if (fields.outcome == Outcome::malformed)
                return malformed(taken, Opaque::malformed_body);
            if (fields.outcome == Outcome::complete) at_ = At::done;
        } else if (const std::size_t line = follow_plain_line(in, taken); line != 0) {
            taken += line;
        } else {
            if (!step(rest[0])) return malformed(taken, Opaque::malformed_body);
            ++taken;
        }
    }
    return at_ == At::done ? complete(taken) : incomplete(taken);
}

// The end of a chunk and the size of the next, without extensions, or either of them, if there as a
// whole: how many bytes. 0: they are for the steps to judge, as is the last chunk.
std::size_t Body::follow_plain_line(Bytes in, std::size_t at) {
    constexpr std::size_t never_overflows = 8;
    const std::size_t start = at;
    if (at_ == At::data_return) {
        if (!is_line_end(in, at)) return 0;
        at += 2;
        if (at == in.size()) at_ = At::size;
        if (at == in.size()) return 2;
    } else if (at_ != At::size) {
        return 0;
    }
    const std::size_t digits = at;
    std::uint64_t size = 0;
    for (int digit = 0; at < in.size() && (digit = hex_value(in[at])) >= 0; ++at) {
        if (at == digits + never_overflows) return 0;
        size = size << 4 | static_cast<std::uint64_t>(digit);
    }
    if (size == 0 || !is_line_end(in, at)) return 0;
    remaining_ = size;
    at_ = At::data;
    return at + 2 - start;
}

bool Body::step(char c) {
    switch (at_) {
        case At::size:
        case At::more_size: return step_size(c);
        case At::behind_size: return step_behind_size(c);
        case At::extension:
            if (c == '\r') at_ = At::size_line_feed;
            return c == '\r' || is_field_byte(c);
        case At::size_line_feed: at_ = remaining_ == 0 ? At::trailer : At::data; return c == '\n';
        case At::data_return: at_ = At::data_line_feed; return c == '\r';
        case At::data_line_feed: at_ = At::size; return c == '\n';
        case At::data:
        case At::trailer:
        case At::done: break;
    }
    return false;
}

bool Body::step_size(char c) {
    const bool begun = at_ == At::more_size;
    at_ = At::more_size;
    if (const int digit = hex_value(c); digit >= 0) {
        if (remaining_ > longest_length >> 4) return false;  // RFC 9112 7.1: anticipate overflow
        remaining_ = remaining_ << 4 | static_cast<std::uint64_t>(digit);
        return true;
    }
    return begun && step_behind_size(c);
}

// White space here is BWS (RFC 9112 7.1.1) before an extension, or what Apache 1.3 filled up every
// size with. In a request it is refused: servers differ about it.
bool Body::step_behind_size(char c) {
    if (section_.lenient() && is_ows(c)) {
        at_ = At::behind_size;
        return true;
    }
    at_ = c == '\r' ? At::size_line_feed : At::extension;
    return c == '\r' || c == ';';
}

}  // namespace lastcall
