// Follows a field section (RFC 9112 5), a head's or a trailer's, to the end of its empty line and
// remembers what three fields say: Connection, Content-Length, Transfer-Encoding.
// Keeps no bytes, so a field may be of any length and split anywhere.
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

enum class Reading : bool {
    strict,  // a request's: whatever two parsers might read differently is malformed
    lenient  // a response's: what old programs write passes, unless it may say another length
};

class FieldSection {
public:
    FieldSection() = default;
    explicit FieldSection(Reading reading) : lenient_(reading == Reading::lenient) {}

    // As new, for the next section read alike.
    void restart() { *this = FieldSection(lenient_ ? Reading::lenient : Reading::strict); }
    // The message ends with this section whatever it says (RFC 9112 6.3 (1)): Content-Length and
    // Transfer-Encoding are fields like any.
    void ignore_lengths() { lengths_ignored_ = true; }
    [[nodiscard]] bool lenient() const { return lenient_; }

    // Complete with the LF of the empty line. Content-Length beside Transfer-Encoding, or two
    // lengths that differ, are malformed (RFC 9112 6.3 (3), (5)).
    [[nodiscard]] Progress follow(Bytes in);

    [[nodiscard]] const FramingFields& fields() const { return fields_; }

private:
    enum class At : std::uint8_t {
        line_start,
        name,
        other_value,    // of a field that says nothing about framing
        fold,           // white space before more of it (obs-fold)
        gap,            // before a list element, or before its comma
        element,        // inside one
        line_feed,      // due after CR
        last_line_feed  // due after the CR of the empty line
    };
    enum class Field : std::uint8_t {
        connection,
        content_length,
        transfer_encoding,
        other,
        none  // before the first
    };

    void note_last_field(Bytes lines);
    Opaque step(char c);
    Opaque begin_line(char c);
    Opaque begin_fold();
    Opaque step_fold(char c);
    Opaque step_name(char c);
    Opaque end_name();
    Opaque step_other_value(char c);
    Opaque step_value(char c);
    Opaque feed_element(char c);
    Opaque end_element();
    Opaque end_length();
    Opaque end_coding();
    void end_option();
    [[nodiscard]] Progress end(std::size_t taken) const;
    [[nodiscard]] Words names() const;
    [[nodiscard]] Field named() const;

    FramingFields fields_;
    std::uint64_t number_ = 0;  // of the Content-Length element being read
    At at_ = At::line_start;
    Field field_ = Field::none;
    WordMatch word_;
    bool digits_ : 1 = false;  // number_ has at least one
    bool spaced_ : 1 = false;  // white space behind the element's last byte; an odd byte in a name
    bool coding_seen_ : 1 = false;
    bool done_ : 1 = false;
    bool lenient_ : 1 = false;
    bool lengths_ignored_ : 1 = false;
};

}  // namespace lastcall
