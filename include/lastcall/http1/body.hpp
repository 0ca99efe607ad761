// Message body length (RFC 9112 6.3): the decision, as pure functions, and a follower that finds
// the body's end. Knows nothing of start lines.
#pragma once

#include <lastcall/http1/fields.hpp>

namespace lastcall {

enum class BodyEnd : std::uint8_t { none, counted, chunked, until_close };

enum class RequestKind : std::uint8_t { ordinary, head, connect };

[[nodiscard]] constexpr BodyEnd request_body_end(const FramingFields& fields) {
    if (fields.chunked) return BodyEnd::chunked;                          // 6.3 (4)
    if (fields.has_length && fields.length > 0) return BodyEnd::counted;  // 6.3 (6)
    return BodyEnd::none;                                                 // 6.3 (7)
}

[[nodiscard]] constexpr bool bodyless(RequestKind request, int status) {  // 6.3 (1)
    return status < 200 || status == 204 || status == 304 || request == RequestKind::head;
}

[[nodiscard]] constexpr BodyEnd response_body_end(RequestKind request, int status,
                                                  const FramingFields& fields) {
    if (bodyless(request, status)) return BodyEnd::none;          // 6.3 (1)
    if (fields.chunked) return BodyEnd::chunked;                  // 6.3 (4)
    if (!fields.has_length) return BodyEnd::until_close;          // 6.3 (8)
    return fields.length > 0 ? BodyEnd::counted : BodyEnd::none;  // 6.3 (6)
}

class Body {
public:
    Body() = default;
    explicit Body(Reading reading) : section_(reading) {}

    // length: bytes, for a counted body only.
    void begin(BodyEnd end, std::uint64_t length) {
        end_ = end;
        remaining_ = end == BodyEnd::counted ? length : 0;
        if (end == BodyEnd::chunked) begin_chunks();
    }

    // The same, of a longer counted body, whose first bytes, so many, have been followed.
    std::size_t begin_counted(std::uint64_t length, std::size_t followed) {
        end_ = BodyEnd::counted;
        remaining_ = length - followed;
        return followed;
    }

    // Complete with the body's last byte; at once if there is none. Never complete until close.
    [[nodiscard]] Progress follow(Bytes in) {
        if (end_ == BodyEnd::counted) {
            const std::size_t taken = in.size() < remaining_ ? in.size() : remaining_;
            remaining_ -= taken;
            return {taken, remaining_ == 0 ? Outcome::complete : Outcome::incomplete, Opaque::no};
        }
        return follow_uncounted(in);
    }

    // Bytes of which nothing need be known but their number: they are data, and not the last of it.
    // False: they may be more than that, and nothing has changed.
    [[nodiscard]] bool pass(std::uint64_t count) {
        const bool data = end_ == BodyEnd::counted || (end_ == BodyEnd::chunked && at_ == At::data);
        if (!data || count >= remaining_) return false;
        remaining_ -= count;
        return true;
    }

    // How many bytes may pass unseen and still be body: in a chunk, what is left of it.
    [[nodiscard]] std::uint64_t countable() const;

    // Bytes that passed unseen (sendfile, splice); at most countable().
    void skip(std::uint64_t count) { remaining_ -= end_ == BodyEnd::until_close ? 0 : count; }

    [[nodiscard]] BodyEnd end() const { return end_; }

    // Room for the header section before the body; it becomes the trailer section's.
    [[nodiscard]] FieldSection& section() { return section_; }
    [[nodiscard]] bool done() const {
        if (end_ == BodyEnd::counted) return remaining_ == 0;
        return end_ == BodyEnd::none || (end_ == BodyEnd::chunked && at_ == At::done);
    }

private:
    enum class At : std::uint8_t {
        size,            // first digit of a chunk size due
        more_size,       // digits, white space, extension or CR
        behind_size,     // white space, extension or CR
        extension,       // RFC 9112 7.1.1, not interpreted
        size_line_feed,  // due after the CR of the size line
        data,
        data_return,  // CR due after the data
        data_line_feed,
        trailer,  // RFC 9112 7.1.2
        done,
    };

    void begin_chunks();
    Progress follow_uncounted(Bytes in);
    Progress follow_chunks(Bytes in);
    std::size_t follow_plain_line(Bytes in, std::size_t at);
    [[nodiscard]] bool step(char c);
    bool step_size(char c);
    bool step_behind_size(char c);

    std::uint64_t remaining_ = 0;  // of a counted body or of the chunk; the chunk size while read
    FieldSection section_;
    BodyEnd end_ = BodyEnd::none;
    At at_ = At::size;
};

}  // namespace lastcall
