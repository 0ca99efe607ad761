// The field section: plain lines at once, which is what heads are made of; and a byte at a time
// whatever is split or unusual.

#include <lastcall/fields.hpp>

#include <lastcall/plain.hpp>

#include <array>

namespace lastcall {
namespace {

constexpr std::array<Bytes, 3> framing_names{"connection", "content-length", "transfer-encoding"};
constexpr std::array<Bytes, 2> options{"close", "keep-alive"};
constexpr std::array<Bytes, 1> codings{"chunked"};

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
            const plain::Lines lines = plain::field_lines(in, taken, fields_);
            taken = lines.end;
            done_ = lines.whole;
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

Progress FieldSection::end(std::size_t taken) const {
    // RFC 9112 6.3 (3)
    const bool contradiction = fields_.chunked && fields_.has_length;
    return contradiction ? malformed(taken - 1, Opaque::ambiguous_length) : complete(taken);
}

Opaque FieldSection::step(char c) {
    switch (at_) {
        case At::line_start: return begin_line(c);
        case At::name: return step_name(c);
        case At::other_value:
            at_ = At::line_feed;
            return c == '\r' ? Opaque::no : Opaque::malformed_head;
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
    if (c == '\r') {
        at_ = At::last_line_feed;
        return Opaque::no;
    }
    word_ = {};
    at_ = At::name;
    // White space here is obs-fold (RFC 9112 5.2), a colon an empty name: neither is a tchar.
    return is_tchar(c) ? step_name(c) : Opaque::malformed_head;
}

Opaque FieldSection::step_name(char c) {
    if (c != ':') {
        word_.feed(framing_names, lower(c));
        return is_tchar(c) ? Opaque::no : Opaque::malformed_head;
    }
    const int found = word_.found(framing_names);
    field_ = found < 0 ? Field::other : static_cast<Field>(found);
    at_ = field_ == Field::other ? At::other_value : At::gap;
    word_ = {};
    spaced_ = false;
    digits_ = false;
    number_ = 0;
    return Opaque::no;
}

Opaque FieldSection::step_value(char c) {
    if (c == '\r') {
        at_ = At::line_feed;
        return end_element();
    }
    if (!is_field_byte(c)) return Opaque::malformed_head;
    if (is_ows(c)) {
        spaced_ = at_ == At::element;
        return Opaque::no;
    }
    // A coding list is never taken apart: "chunked" alone is followed, anything else is unknown.
    if (c == ',' && field_ != Field::transfer_encoding) {
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
    const bool repeated = coding_seen_;
    coding_seen_ = true;
    if (repeated || word_.found(codings) != 0) return Opaque::unknown_coding;
    fields_.chunked = true;
    return Opaque::no;
}

void FieldSection::end_option() {
    const int found = word_.found(options);
    fields_.close = fields_.close || found == 0;
    fields_.keep_alive = fields_.keep_alive || found == 1;
}

}  // namespace lastcall
