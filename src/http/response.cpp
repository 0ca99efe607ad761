// Responses: the status line (RFC 9112 4), fields, body, and interim responses before the final
// one.

#include <lastcall/message.hpp>

#include <lastcall/plain.hpp>

namespace lastcall {
namespace {

constexpr Bytes version_text = "HTTP/1.";
constexpr int switching_protocols = 101;

}  // namespace

std::size_t ResponseFollower::follow_plain_line(Bytes in) {
    const plain::StatusLine line = plain::status_line(in);
    if (line.size == 0) return 0;
    status_ = line.status;
    minor_version_ = line.minor_version;
    body_.section() = {};
    at_ = At::fields;
    return line.size;
}

Followed ResponseFollower::follow(Bytes in, RequestKind request) {
    if (between()) {
        if (const std::size_t line = follow_plain_line(in); line != 0) {
            return {line, Event::status_line, Opaque::no};
        }
    }
    if (at_ == At::body) return follow_body(in);
    if (at_ == At::fields) return follow_fields(in, request);
    std::size_t taken = 0;
    for (;;) {
        if (taken == in.size()) return {taken, Event::incomplete, Opaque::no};
        const Opaque reason = step(in[taken]);
        if (reason != Opaque::no) return {taken, Event::malformed, reason};
        ++taken;
        if (at_ == At::fields) return {taken, Event::status_line, Opaque::no};
    }
}

Opaque ResponseFollower::step(char c) {
    switch (at_) {
        case At::version: return step_version(c);
        case At::status: return step_status(c);
        case At::status_end:  // servers exist that leave out the SP before an empty reason
            at_ = c == '\r' ? At::line_feed : At::reason;
            return c == '\r' || c == ' ' ? Opaque::no : Opaque::not_http;
        case At::reason:
            if (c == '\r') at_ = At::line_feed;
            return c == '\r' || is_field_byte(c) ? Opaque::no : Opaque::malformed_head;
        case At::line_feed:
            at_ = At::fields;
            body_.section() = {};
            return c == '\n' ? Opaque::no : Opaque::malformed_head;
        case At::fields:
        case At::body: break;
    }
    return Opaque::not_http;
}

Opaque ResponseFollower::step_version(char c) {
    if (position_ < version_text.size()) {
        return c == version_text[position_++] ? Opaque::no : Opaque::not_http;
    }
    if (position_++ == version_text.size()) {
        minor_version_ = static_cast<std::uint8_t>(c - '0');
        return c == '0' || c == '1' ? Opaque::no : Opaque::not_http;
    }
    at_ = At::status;
    position_ = 0;
    status_ = 0;
    return c == ' ' ? Opaque::no : Opaque::not_http;
}

Opaque ResponseFollower::step_status(char c) {
    if (!is_digit(c) || (position_ == 0 && c == '0')) return Opaque::not_http;
    status_ = static_cast<std::uint16_t>(status_ * 10 + (c - '0'));
    if (++position_ == 3) at_ = At::status_end;
    return Opaque::no;
}

Followed ResponseFollower::follow_fields(Bytes in, RequestKind request) {
    const Progress part = body_.section().follow(in);
    if (part.outcome == Outcome::malformed) return {part.taken, Event::malformed, part.reason};
    if (part.outcome == Outcome::incomplete) return {part.taken, Event::incomplete, Opaque::no};
    position_ = 0;
    if (status_ < 200 && status_ != switching_protocols) {
        at_ = At::version;
        return {part.taken, Event::interim, Opaque::no};
    }
    const FramingFields& fields = body_.section().fields();
    if (fields.chunked && minor_version_ == 0) {  // RFC 9112 6.1
        return {part.taken, Event::malformed, Opaque::ambiguous_length};
    }
    persists_ = lastcall::persists(minor_version_, fields);
    body_.begin(response_body_end(request, status_, fields), fields.length);
    at_ = At::body;
    return {part.taken, Event::head, Opaque::no};
}

Followed ResponseFollower::follow_body(Bytes in) {
    const Progress part = body_.follow(in);
    if (part.outcome == Outcome::malformed) return {part.taken, Event::malformed, part.reason};
    if (part.outcome == Outcome::incomplete) return {part.taken, Event::incomplete, Opaque::no};
    at_ = At::version;
    return {part.taken, Event::message, Opaque::no};
}

}  // namespace lastcall
