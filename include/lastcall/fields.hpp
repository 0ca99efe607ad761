// Follows a field section (RFC 9112 5), a head's or a trailer's, to the end of its empty line and
// remembers what three fields say: Connection, Content-Length, Transfer-Encoding.
// Stricter than the RFC allows recipients to be: whatever two parsers might read differently is
// malformed here. Keeps no bytes, so a field may be of any length and split anywhere.
#pragma once

#include <lastcall/progress.hpp>
#include <lastcall/words.hpp>

namespace lastcall {

// The largest message or chunk length followed; larger ones count as overflow (RFC 9112 7.1).
inline constexpr std::uint64_t longest_length = (std::uint64_t{1} << 62) - 1;

struct FramingFields {
    std::uint64_t length = 0;  // of Content-Length, if has_length
    bool has_length = false;
    bool chunked = false;  // Transfer-Encoding: chunked, alone
    bool close = false;    // connection options (RFC 9110 7.6.1)
    bool keep_alive = false;
};

class FieldSection {
public:
    // Complete with the LF of the empty line. Content-Length beside Transfer-Encoding, or two
    // lengths that differ, are malformed (RFC 9112 6.3 (3), (5)).
    [[nodiscard]] Progress follow(Bytes in);

    [[nodiscard]] const FramingFields& fields() const { return fields_; }

private:
    enum class At : std::uint8_t {
        line_start,
        name,
        other_value,    // of a field that says nothing about framing
        gap,            // before a list element, or before its comma
        element,        // inside one
        line_feed,      // due after CR
        last_line_feed  // due after the CR of the empty line
    };
    enum class Field : std::uint8_t { connection, content_length, transfer_encoding, other };

    Opaque step(char c);
    Opaque begin_line(char c);
    Opaque step_name(char c);
    Opaque step_value(char c);
    Opaque feed_element(char c);
    Opaque end_element();
    Opaque end_length();
    Opaque end_coding();
    void end_option();
    [[nodiscard]] Progress end(std::size_t taken) const;

    FramingFields fields_;
    std::uint64_t number_ = 0;  // of the Content-Length element being read
    At at_ = At::line_start;
    Field field_ = Field::other;
    WordMatch word_;
    bool digits_ : 1 = false;  // number_ has at least one
    bool spaced_ : 1 = false;  // white space behind the element's last byte
    bool coding_seen_ : 1 = false;
    bool done_ : 1 = false;
};

}  // namespace lastcall
