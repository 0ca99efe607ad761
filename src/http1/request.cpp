// Requests: what may stand before them, the request line (RFC 9112 3), fields and body.

#include <lastcall/http1/message.hpp>

#include <lastcall/http1/plain.hpp>

namespace lastcall {
namespace {

constexpr Bytes version_text = "HTTP/1.";
constexpr std::size_t major_version = 5;  // its place in there
constexpr char tls_handshake = 0x16;      // the content type of a TLS record

using Method = MethodMatch::Found;

bool is_registered(Bytes method) {
    if (method == "GET") return true;
    MethodMatch match;
    for (const char c : method) match.feed(c);
    return match.registered();
}

}  // namespace

std::size_t RequestFollower::follow_plain_line(Bytes in) {
    const plain::RequestLine line = plain::request_line(in);
    if (line.size == 0) return 0;
    kind_ = line.kind;
    minor_version_ = line.minor_version;
    begin_fields(is_registered(first(in, in.find(' '))));
    return line.size;
}

void RequestFollower::begin_fields(bool registered) {
    at_ = At::fields;
    body_.section().restart();
    unframed_ = !registered;
}

Followed RequestFollower::follow(Bytes in) {
    if (at_ == At::body) return follow_body(in);
    std::size_t taken = at_ == At::start ? follow_plain_line(in) : 0;
    for (;;) {
        Followed part;
        if (at_ == At::fields) part = follow_fields(from(in, taken));
        if (at_ == At::proxy_header) part = follow_proxy_header(from(in, taken));
        taken += part.taken;
        if (part.event != Event::incomplete) return {taken, part.event, part.reason};
        if (taken == in.size()) return {taken, Event::incomplete, Opaque::no};
        if (const Opaque reason = step(in[taken]); reason != Opaque::no) {
            return {taken, Event::malformed, reason};
        }
        ++taken;
    }
}

Opaque RequestFollower::step(char c) {
    switch (at_) {
        case At::start: return step_start(c);
        case At::start_line_feed: return step_start_line_feed(c);
        case At::method: return step_method(c);
        case At::target_start: return step_target_start(c);
        case At::target: return step_target(c);
        case At::version: return step_version(c);
        case At::line_feed:
            begin_fields(method_.registered());
            return c == '\n' ? Opaque::no : Opaque::malformed_head;
        case At::proxy_header:
        case At::fields:
        case At::body: break;
    }
    return Opaque::not_http;
}

Opaque RequestFollower::step_start(char c) {
    if (c == '\r') {
        at_ = At::start_line_feed;
        return Opaque::no;
    }
    if (fresh_ && c == tls_handshake) return Opaque::tls;
    if (fresh_ && empty_lines_ == 2 && c == '\0') {
        proxy_.begin(ProxyHeader::Seen::binary);
        at_ = At::proxy_header;
        return proxy_.follow({&c, 1}).reason;
    }
    method_ = {};
    kind_ = RequestKind::ordinary;
    at_ = At::method;
    return is_tchar(c) ? step_method(c) : Opaque::not_http;
}

Opaque RequestFollower::step_start_line_feed(char c) {
    at_ = At::start;
    if (empty_lines_ < 3) ++empty_lines_;
    return c == '\n' ? Opaque::no : Opaque::malformed_head;
}

Opaque RequestFollower::step_method(char c) {
    if (c != ' ') {
        if (!is_tchar(c)) return Opaque::not_http;
        method_.feed(c);
        return Opaque::no;
    }
    const Method found = method_.found();
    if (found == Method::head) kind_ = RequestKind::head;
    if (found == Method::connect) kind_ = RequestKind::connect;
    at_ = At::target_start;
    return Opaque::no;
}

Opaque RequestFollower::step_target_start(char c) {
    // A request-target never begins with the letters of a PROXY protocol name.
    if (fresh_ && empty_lines_ == 0 && method_.found() == Method::proxy_header &&
        (c == 'T' || c == 'U')) {
        proxy_.begin(ProxyHeader::Seen::text);
        at_ = At::proxy_header;
        return proxy_.follow({&c, 1}).reason;
    }
    at_ = At::target;
    position_ = 0;
    if (is_preface()) return c == '*' ? Opaque::no : Opaque::not_http;
    return is_target_byte(c) ? Opaque::no : Opaque::not_http;
}

Opaque RequestFollower::step_target(char c) {
    if (c == ' ') at_ = At::version;
    return c == ' ' || (is_target_byte(c) && !is_preface()) ? Opaque::no : Opaque::not_http;
}

Opaque RequestFollower::step_version(char c) {
    if (position_ < version_text.size()) {
        const bool http2 = is_preface() && position_ == major_version && c == '2';
        if (c == version_text[position_++]) return Opaque::no;
        return http2 ? Opaque::http2 : Opaque::not_http;
    }
    if (position_++ == version_text.size()) {
        minor_version_ = static_cast<std::uint8_t>(c - '0');
        return c == '0' || c == '1' ? Opaque::no : Opaque::not_http;
    }
    at_ = At::line_feed;
    return c == '\r' ? Opaque::no : Opaque::malformed_head;
}

Followed RequestFollower::follow_proxy_header(Bytes in) {
    const Progress part = proxy_.follow(in);
    if (part.outcome == Outcome::malformed) return {part.taken, Event::malformed, part.reason};
    if (part.outcome == Outcome::complete) {
        at_ = At::start;
        empty_lines_ = 3;  // one PROXY header and no more; TLS behind it is still TLS
    }
    return {part.taken, Event::incomplete, Opaque::no};
}

Followed RequestFollower::follow_fields(Bytes in) {
    const Progress part = body_.section().follow(in);
    if (!expect_.found()) expect_.follow(first(in, part.taken));
    if (part.outcome == Outcome::malformed) return {part.taken, Event::malformed, part.reason};
    if (part.outcome == Outcome::incomplete) return {part.taken, Event::incomplete, Opaque::no};
    const Opaque reason = end_of_head();
    return {part.taken, reason == Opaque::no ? Event::head : Event::malformed, reason};
}

Opaque RequestFollower::end_of_head() {
    const FramingFields& fields = body_.section().fields();
    // RFC 9112 6.1: an HTTP/1.0 message with Transfer-Encoding has faulty framing.
    if (fields.chunked && minor_version_ == 0) return Opaque::ambiguous_length;
    fresh_ = false;
    persists_ = lastcall::persists(minor_version_, fields);
    if (expect_.found() && !fields.has_length && !fields.chunked) unframed_ = true;
    body_.begin(request_body_end(fields), fields.length);
    at_ = At::body;
    return Opaque::no;
}

Followed RequestFollower::follow_body(Bytes in) {
    const Progress part = body_.follow(in);
    if (part.outcome == Outcome::malformed) return {part.taken, Event::malformed, part.reason};
    if (part.outcome == Outcome::incomplete) return {part.taken, Event::incomplete, Opaque::no};
    at_ = At::start;
    return {part.taken, Event::message, Opaque::no};
}

}  // namespace lastcall
