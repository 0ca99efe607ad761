// Responses: the status line (RFC 9112 4), fields, body, and interim responses before the final
// one.

#include <lastcall/http1/message.hpp>

#include <lastcall/http1/plain.hpp>

namespace lastcall {
namespace {

constexpr Bytes version_text = "http/1.";  // servers exist that write it in lower case
constexpr int switching_protocols = 101;

}  // namespace

std::size_t ResponseFollower::follow_plain_line(Bytes in) {
    const plain::StatusLine line = plain::status_line(in);
    if (line.size == 0) return 0;
    status_ = line.status;
    minor_version_ = line.minor_version;
    begin_fields();
    return line.size;
}

Followed ResponseFollower::follow(Bytes in, RequestKind request) {
    if (between()) {
        if (const std::size_t line = follow_plain_line(in); line != 0) {
            return end_of_status_line(line, request);
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
        if (at_ == At::fields) return end_of_status_line(taken, request);
    }
}

Opaque ResponseFollower::step(char c) {
    switch (at_) {
        case At::version: return step_version(c);
        case At::empty_line: break;
        case At::status: return step_status(c);
        case At::status_end:  // servers exist that leave out the SP before an empty reason
            at_ = At::reason;
            return is_line_byte(c) && c != ' ' ? Opaque::not_http : step_reason(c);
        case At::reason: return step_reason(c);
        case At::line_feed: begin_fields(); return c == '\n' ? Opaque::no : Opaque::malformed_head;
        case At::fields:
        case At::body: break;
    }
    return Opaque::not_http;
}

Opaque ResponseFollower::step_version(char c) {
    if (position_ < version_text.size()) {
        return lower(c) == version_text[position_++] ? Opaque::no : Opaque::not_http;
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
    if (position_ == 0 && c == ' ') return Opaque::no;  // servers exist that write several
    if (!is_digit(c) || (position_ == 0 && c == '0')) return Opaque::not_http;
    status_ = static_cast<std::uint16_t>(status_ * 10 + (c - '0'));
    if (++position_ == 3) at_ = At::status_end;
    return Opaque::no;
}

Opaque ResponseFollower::step_reason(char c) {
    if (c == '\r') at_ = At::line_feed;
    if (c == '\n') begin_fields();
    return c == '\0' ? Opaque::malformed_head : Opaque::no;
}

void ResponseFollower::begin_fields() {
    at_ = At::fields;
    body_.section().restart();
}

Followed ResponseFollower::end_of_status_line(std::size_t taken, RequestKind request) {
    if (bodyless(request, status_)) body_.section().ignore_lengths();
    return {taken, Event::status_line, Opaque::no};
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

std::size_t ResponseFollower::skip_empty_lines(Bytes in) {
    std::size_t taken = 0;
    while (taken < in.size() && !begun()) {
        const bool line_feed = in[taken] == '\n';
        if (!line_feed && !(in[taken] == '\r' && between())) break;
        at_ = line_feed ? At::version : At::empty_line;
        ++taken;
    }
    return taken;
}

Followed ResponseFollower::follow_body(Bytes in) {
    const Progress part = body_.follow(in);
    if (part.outcome == Outcome::malformed) return {part.taken, Event::malformed, part.reason};
    if (part.outcome == Outcome::incomplete) return {part.taken, Event::incomplete, Opaque::no};
    at_ = At::version;
    return {part.taken, Event::message, Opaque::no};
}

}  // namespace lastcall
