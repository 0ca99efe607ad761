// Follows the messages of one direction of a connection: start line, field section, body, next
// message. Answers with the next event in the bytes; keeps no bytes and does not know the other
// direction, except that a response must be told what kind of request it answers.
#pragma once

#include <lastcall/http1/body.hpp>
#include <lastcall/http1/expect.hpp>
#include <lastcall/http1/methods.hpp>
#include <lastcall/proxy_header.hpp>

namespace lastcall {

enum class Event : std::uint8_t {
    incomplete,   // everything was taken, nothing has ended
    status_line,  // of a response, with its LF; status() is known
    interim,      // the head of a 1xx response but 101; the next response is due
    head,         // with the LF of its empty line; its fields are known
    message,      // with its last byte, after head (a bodyless message: taken is 0)
    malformed
};

struct Followed {
    std::size_t taken = 0;
    Event event = Event::incomplete;
    Opaque reason = Opaque::no;
};

// The start line's version decides with Connection whether the connection persists (RFC 9112 9.3).
[[nodiscard]] constexpr bool persists(int minor_version, const FramingFields& fields) {
    return !fields.close && (minor_version >= 1 || fields.keep_alive);
}

class RequestFollower {
public:
    // Of the preface of HTTP/2 it knows the first bytes, and takes so many.
    static constexpr std::size_t preface_taken = 11;  // "PRI * HTTP/"

    [[nodiscard]] Followed follow(Bytes in);
    // Between requests: is it to be known whether the next one is unframed? If not it counts as
    // that.
    void begin_search(bool wanted) {
        expect_ = {};
        if (!wanted) expect_.miss();
    }
    // The event head came from elsewhere, of a request whose body has this length, and which begins
    // with `rest`. How many bytes of that are the body's; if it is over, so is the message.
    [[nodiscard]] std::size_t begin_body(std::uint64_t length, Bytes rest) {
        fresh_ = false;
        if (length <= rest.size()) return static_cast<std::size_t>(length);
        at_ = At::body;
        return body_.begin_counted(length, rest.size());
    }
    // Is the next byte the first of a request, or of what may stand before one?
    [[nodiscard]] bool between() const { return at_ == At::start; }

    // Valid from the event head to the event message.
    [[nodiscard]] RequestKind kind() const { return kind_; }
    [[nodiscard]] bool persists() const { return persists_; }
    // May content follow that RFC 9112 6.3 knows nothing of? So it is behind a method that nobody
    // has registered, and where a client asks for 100 (Continue) and gives no length: Icecast's
    // sources do either, and then stream for hours.
    [[nodiscard]] bool unframed() const { return unframed_; }

    [[nodiscard]] Body& body() { return body_; }
    [[nodiscard]] bool in_body() const { return at_ == At::body; }
    // The event message without a byte: if the body is over, or there is none, the next is due.
    [[nodiscard]] bool end_message() {
        if (at_ != At::body || !body_.done()) return false;
        at_ = At::start;
        return true;
    }

private:
    enum class At : std::uint8_t {
        start,            // the next message's first byte, or an empty line (RFC 9112 2.2)
        start_line_feed,  // of such an empty line
        proxy_header,
        method,
        target_start,
        target,
        version,
        line_feed,
        fields,
        body
    };

    // A plain line at the start of `in`, and its size; 0: none.
    std::size_t follow_plain_line(Bytes in);
    [[nodiscard]] Opaque step(char c);
    [[nodiscard]] Opaque step_start(char c);
    [[nodiscard]] Opaque step_start_line_feed(char c);
    [[nodiscard]] Opaque step_method(char c);
    [[nodiscard]] Opaque step_target_start(char c);
    [[nodiscard]] Opaque step_target(char c);
    [[nodiscard]] bool is_preface() const { return method_.found() == MethodMatch::Found::preface; }
    [[nodiscard]] Opaque step_version(char c);
    void begin_fields(bool registered);
    [[nodiscard]] Followed follow_fields(Bytes in);
    [[nodiscard]] Followed follow_body(Bytes in);
    [[nodiscard]] Followed follow_proxy_header(Bytes in);
    [[nodiscard]] Opaque end_of_head();

    Body body_;
    ProxyHeader proxy_;
    MethodMatch method_;
    ExpectField expect_;
    At at_ = At::start;
    RequestKind kind_ = RequestKind::ordinary;
    std::uint8_t position_ = 0;  // in the version
    std::uint8_t minor_version_ = 0;
    std::uint8_t empty_lines_ = 0;  // before the connection's first request, saturating
    bool fresh_ = true;             // no request and no PROXY header yet
    bool persists_ = false;
    bool unframed_ = false;
};

class ResponseFollower {
public:
    // `request`: the kind of the oldest outstanding request, the same until event message.
    [[nodiscard]] Followed follow(Bytes in, RequestKind request);
    // Empty lines where a response is due, as some servers write behind their content: how many
    // bytes at the start of `in` are of them.
    [[nodiscard]] std::size_t skip_empty_lines(Bytes in);
    // As a request's, of a final response whose body ends so; but never the last of its connection.
    [[nodiscard]] std::size_t begin_body(BodyEnd end, std::uint64_t length, Bytes rest) {
        if (end == BodyEnd::none) return 0;
        if (end == BodyEnd::counted && length <= rest.size())
            return static_cast<std::size_t>(length);
        at_ = At::body;
        if (end == BodyEnd::counted) return body_.begin_counted(length, rest.size());
        body_.begin(end, 0);
        return rest.size();
    }

    // Is the next byte the first of a response?
    [[nodiscard]] bool between() const { return at_ == At::version && position_ == 0; }
    [[nodiscard]] bool begun() const { return !between() && at_ != At::empty_line; }
    // Is the next byte one of a header section?
    [[nodiscard]] bool in_fields() const { return at_ == At::fields; }
    [[nodiscard]] bool in_body() const { return at_ == At::body; }

    // Valid from the event status_line, and the rest from the event head, to the event message.
    [[nodiscard]] int status() const { return status_; }
    [[nodiscard]] bool persists() const { return persists_; }
    [[nodiscard]] Body& body() { return body_; }
    [[nodiscard]] const Body& body() const { return body_; }
    [[nodiscard]] bool end_message() {  // as a request's
        if (at_ != At::body || !body_.done()) return false;
        at_ = At::version;
        return true;
    }

private:
    enum class At : std::uint8_t {
        version,
        empty_line,  // behind the CR of one between responses
        status,
        status_end,
        reason,
        line_feed,
        fields,
        body
    };

    std::size_t follow_plain_line(Bytes in);
    [[nodiscard]] Opaque step(char c);
    [[nodiscard]] Opaque step_version(char c);
    [[nodiscard]] Opaque step_status(char c);
    [[nodiscard]] Opaque step_reason(char c);
    void begin_fields();
    [[nodiscard]] Followed end_of_status_line(std::size_t taken, RequestKind request);
    [[nodiscard]] Followed follow_fields(Bytes in, RequestKind request);
    [[nodiscard]] Followed follow_body(Bytes in);

    Body body_{Reading::lenient};
    std::uint16_t status_ = 0;
    At at_ = At::version;
    std::uint8_t position_ = 0;  // in the version or the status code
    std::uint8_t minor_version_ = 0;
    bool persists_ = false;
};

}  // namespace lastcall
