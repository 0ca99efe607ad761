// The field section: plain lines at once, which is what heads are made of; and a byte at a time
// whatever is split or unusual.

#include <lastcall/http1/fields.hpp>

#include <lastcall/http1/block.hpp>
#include <lastcall/http1/plain.hpp>

#include <array>

namespace lastcall {
namespace {

constexpr std::array<Bytes, 3> framing_names{"connection", "content-length", "transfer-encoding"};
constexpr std::array<Bytes, 2> options{"close", "keep-alive"};
constexpr std::array<Bytes, 2> codings{"chunked", "identity"};
enum Coding { chunked, identity };

// Is the line that begins here more of the one before, as far as is known?
bool may_fold(Bytes in, std::size_t at) { return at == in.size() || is_ows(in[at]); }

// Is this the whole name of a line, with its colon, of one line or behind others?
template <std::size_t size>
bool ends_with_name(Bytes lines, const char (&name)[size]) {
    constexpr std::size_t length = size - 1;
    if (lines.size() < length || !same_word(from(lines, lines.size() - length), name)) return false;
    return lines.size() == length || lines[lines.size() - size] == '\n';
}

std::size_t field_bytes(Bytes in) {
    std::size_t count = 0;
    while (count < in.size() && is_field_byte(in[count])) ++count;
    return count;
}

}  // namespace

Progress FieldSection::follow(Bytes in) {
    std::size_t taken = 0;
    while (taken < in.size()) {
        if (at_ == At::line_start) {
            const std::size_t start = taken;
            const plain::Lines lines = plain::field_lines(in, taken, fields_);
            taken = lines.end;
            done_ = lines.whole;
            const bool folds = lenient_ && !done_ && taken != start && may_fold(in, taken);
            if (folds) note_last_field(from(first(in, taken), start));
        }
        if (done_) return end(taken);
        if (at_ == At::other_value) taken += field_bytes(from(in, taken));
        if (taken == in.size()) break;
        if (const Opaque reason = step(in[taken]); reason != Opaque::no) {
            return malformed(taken, reason);
        }
        ++taken;
    }
    return done_ ? end(taken) : incomplete(taken);
}

// What is folded onto the last of these lines is folded onto this field. The value of a plain one
// that frames is a number, close, or keep-alive.
void FieldSection::note_last_field(Bytes lines) {
    field_ = Field::other;
    std::size_t value = lines.size() - 2;
    if (!is_digit(lines[value - 1]) && lower(lines[value - 1]) != 'e') return;
    while (value > 1 && lines[value - 1] != ' ' && lines[value - 1] != ':') --value;
    if (lines[value - 1] == ' ') --value;
    const Bytes named = first(lines, value);
    if (ends_with_name(named, "connection:")) field_ = Field::connection;
    if (lengths_ignored_) return;
    if (ends_with_name(named, "content-length:")) field_ = Field::content_length;
}

Words FieldSection::names() const {
    return Words{framing_names}.first(lengths_ignored_ ? 1 : framing_names.size());
}

FieldSection::Field FieldSection::named() const {
    const int found = word_.found(names());
    return found < 0 ? Field::other : static_cast<Field>(found);
}

Progress FieldSection::end(std::size_t taken) const {
    // RFC 9112 6.3 (4): content in another coding lasts until close, or so some clients think.
    if (coding_seen_ && !fields_.chunked) return malformed(taken - 1, Opaque::unknown_coding);
    // 6.3 (3)
    const bool contradiction = fields_.chunked && fields_.has_length;
    return contradiction ? malformed(taken - 1, Opaque::ambiguous_length) : complete(taken);
}

Opaque FieldSection::step(char c) {
    switch (at_) {
        case At::line_start: return begin_line(c);
        case At::name: return step_name(c);
        case At::other_value: return step_other_value(c);
        case At::fold: return step_fold(c);
        case At::gap:
        case At::element: return step_value(c);
        case At::line_feed:
            at_ = At::line_start;
            return c == '\n' ? Opaque::no : Opaque::malformed_head;
        case At::last_line_feed:
            if (c != '\n') return Opaque::malformed_head;
            done_ = true;
            return Opaque::no;
    }
    return Opaque::malformed_head;
}

Opaque FieldSection::begin_line(char c) {
    if (c == '\r' || (c == '\n' && lenient_)) {
        at_ = At::last_line_feed;
        done_ = c == '\n';
        return Opaque::no;
    }
    if (is_ows(c)) return begin_fold();
    word_ = {};
    spaced_ = false;
    at_ = At::name;
    return c == ':' ? Opaque::malformed_head : step_name(c);
}

// RFC 9112 5.2. What a field that frames would then say is a matter of opinion.
Opaque FieldSection::begin_fold() {
    at_ = At::fold;
    return lenient_ && field_ == Field::other ? Opaque::no : Opaque::malformed_head;
}

// For some clients (Ruby's) a line of nothing but white space is the empty one.
Opaque FieldSection::step_fold(char c) {
    if (static_cast<unsigned char>(c) > ' ') at_ = At::other_value;
    return is_line_byte(c) ? Opaque::no : Opaque::malformed_head;
}

// Odd bytes do not count: a client that trims white space from a name reads it without.
Opaque FieldSection::step_name(char c) {
    if (c == ':') return end_name();
    if (is_tchar(c)) {
        word_.feed(names(), lower(c));
        return Opaque::no;
    }
    spaced_ = true;
    return lenient_ && is_line_byte(c) ? Opaque::no : Opaque::malformed_head;
}

Opaque FieldSection::end_name() {
    field_ = named();
    if (spaced_ && field_ != Field::other) return Opaque::malformed_head;
    at_ = field_ == Field::other ? At::other_value : At::gap;
    word_ = {};
    spaced_ = false;
    digits_ = false;
    number_ = 0;
    return Opaque::no;
}

Opaque FieldSection::step_other_value(char c) {
    if (c == '\r' || (c == '\n' && lenient_)) {
        at_ = c == '\r' ? At::line_feed : At::line_start;
        return Opaque::no;
    }
    return lenient_ && c != '\0' ? Opaque::no : Opaque::malformed_head;
}

Opaque FieldSection::step_value(char c) {
    if (c == '\r' || (c == '\n' && lenient_)) {
        at_ = c == '\r' ? At::line_feed : At::line_start;
        return end_element();
    }
    if (!is_field_byte(c)) return Opaque::malformed_head;
    if (is_ows(c)) {
        spaced_ = at_ == At::element;
        return Opaque::no;
    }
    // A request's coding list is not taken apart: "chunked" alone is followed.
    if (c == ',' && (lenient_ || field_ != Field::transfer_encoding)) {
        const Opaque reason = end_element();
        at_ = At::gap;
        return reason;
    }
    return feed_element(c);
}

Opaque FieldSection::feed_element(char c) {
    at_ = At::element;
    // White space inside an element makes it none of ours.
    if (spaced_) word_.feed({}, c);
    if (field_ != Field::content_length) {
        const bool token = !spaced_ && is_tchar(c);
        if (field_ == Field::transfer_encoding && lenient_ && !token) return Opaque::unknown_coding;
        word_.feed(field_ == Field::connection ? Words{options} : Words{codings}, lower(c));
        return Opaque::no;
    }
    if (spaced_ || !is_digit(c)) return Opaque::ambiguous_length;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (number_ > (longest_length - digit) / 10) return Opaque::ambiguous_length;
    number_ = number_ * 10 + digit;
    digits_ = true;
    return Opaque::no;
}

Opaque FieldSection::end_element() {
    Opaque reason = Opaque::no;
    if (field_ == Field::content_length) reason = end_length();
    if (field_ == Field::transfer_encoding) reason = end_coding();
    if (field_ == Field::connection) end_option();
    word_ = {};
    spaced_ = false;
    digits_ = false;
    number_ = 0;
    return reason;
}

Opaque FieldSection::end_length() {
    // RFC 9112 6.3 (5): one valid value, repeated at most.
    if (!digits_ || (fields_.has_length && fields_.length != number_)) {
        return Opaque::ambiguous_length;
    }
    fields_.has_length = true;
    fields_.length = number_;
    return Opaque::no;
}

Opaque FieldSection::end_coding() {
    const int found = word_.found(codings);
    const bool another =
        found != Coding::chunked && found != Coding::identity && word_.length() > 0;
    const bool known = found == Coding::chunked || (lenient_ && another);
    // Nothing follows chunked (RFC 9112 6.1), and in a request nothing precedes it.
    const bool behind = lenient_ ? fields_.chunked : coding_seen_;
    coding_seen_ = true;
    if (behind || !known) return Opaque::unknown_coding;
    fields_.chunked = found == Coding::chunked;
    return Opaque::no;
}

void FieldSection::end_option() {
    const int found = word_.found(options);
    fields_.close = fields_.close || found == 0;
    fields_.keep_alive = fields_.keep_alive || found == 1;
}

}  // namespace lastcall
