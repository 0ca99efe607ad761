// Plain lines: names mostly of letters, values of visible US-ASCII, framing fields in their
// commonest form. No line shorter than a block is looked for in bytes that hold none.

#include <lastcall/http1/plain.hpp>

#include <lastcall/http1/block.hpp>

namespace lastcall::plain {
namespace {

// The ends of the lines of a view, which holds more than a block. Inlined by force: its state is to
// live in registers.
class LineEnds {
public:
    // The last byte can only be an LF, which is looked at with its CR.
    [[gnu::always_inline]] explicit inline LineEnds(Bytes in)
        : in_(in.data(), in.size() - 1), marks_(marks_at(in_, 0)), base_(in.data()) {}

    // The CR that ends the line which begins at `line`; each line is asked about in turn. Null if
    // something else that is not Text comes before, or nothing does.
    [[nodiscard, gnu::always_inline]] inline const char* next(const char* line) {
        while (marks_ == 0) [[unlikely]] {
                if (!look_further(line)) return nullptr;
            }
        const char* const end = base_ + __builtin_ctzll(marks_);
        if (!same_bytes(end, "\r\n")) [[unlikely]]
            return nullptr;
        marks_ &= marks_ - 1;
        marks_ &= marks_ - 1;  // unless the LF is the next stretch's first
        return end;
    }

private:
    [[gnu::noinline]] static StretchMarks marks_at(Bytes in, std::size_t at) {
        return stretch_marks(in, at);
    }
    [[nodiscard, gnu::always_inline]] inline bool look_further(const char* line) {
        base_ += stretch_size;
        const auto at = static_cast<std::size_t>(base_ - in_.data());
        if (at >= in_.size()) return false;
        marks_ = marks_at(in_, at);
        if (line > base_) marks_ &= marks_ - 1;
        return true;
    }

    Bytes in_;
    StretchMarks marks_;  // of the stretch at base_, but for lines that have been answered
    const char* base_;
};

bool add_options(Bytes value, FramingFields& fields) {
    const bool closes = same_word(value, "close");
    const bool keeps = same_word(value, "keep-alive");
    fields.close = fields.close || closes;
    fields.keep_alive = fields.keep_alive || keeps;
    return closes || keeps;
}

bool add_length(Bytes value, FramingFields& fields) {
    constexpr std::size_t never_overflows = 18;
    if (value.empty() || value.size() > never_overflows || fields.has_length) return false;
    std::uint64_t number = 0;
    for (const char c : value) {
        if (!is_digit(c)) return false;
        number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
    fields.has_length = true;
    fields.length = number;
    return true;
}

// Only names of these lengths and first letters say something about framing; a name of no length is
// to be looked at too.
[[gnu::always_inline]] inline bool may_frame(const char* line, std::size_t name) {
    constexpr std::uint64_t lengths = 1 << 0 | 1 << 10 | 1 << 14 | 1 << 17;
    if ((lengths >> (name % 64) & 1) == 0) [[likely]]
        return false;
    return name == 0 || (line[0] | 0x20) == 'c' || (line[0] | 0x20) == 't';
}

// Adds what a line with such a name says. False: the line is for the bytes to judge.
[[gnu::noinline]] bool add_field(const char* line, std::size_t name, const char* end,
                                 FramingFields& fields) {
    const char* value = line + name + 1;
    if (value < end && *value == ' ') ++value;
    const Bytes text{value, static_cast<std::size_t>(end - value)};
    if (same_word({line, name}, "content-length")) [[likely]]
        return add_length(text, fields);
    if (same_word({line, name}, "connection")) return add_options(text, fields);
    return name != 0 && !same_word({line, name}, "transfer-encoding");
}

// The size of a name that is not only letters, or too long, or has no block behind it; 0 if a colon
// does not end it.
[[gnu::noinline]] std::size_t name_size(Bytes in, const char* line) {
    const auto start = static_cast<std::size_t>(line - in.data());
    std::size_t colon = run_end<Letters>(in, start);
    while (colon < in.size() && is_tchar(in[colon])) ++colon;
    return colon < in.size() && in[colon] == ':' ? colon - start : 0;
}

// The lines from `line` on. What stops them: the first that is not plain, or what follows the empty
// line.
struct Stop {
    const char* at;
    bool whole;
};
[[gnu::always_inline]] inline Stop add_lines(LineEnds& ends, Bytes in, const char* line,
                                             FramingFields& fields) {
    const char* const last_block = in.data() + in.size() - block_size;
    for (;;) {
        const char* const end = ends.next(line);
        if (end == nullptr) [[unlikely]]
            return {line, false};
        std::size_t name = 0;
        bool named = false;
        if (line <= last_block) [[likely]] {
            name = static_cast<unsigned>(__builtin_ctz(~Letters::in(block_at(line))));
            named = line[name] == ':';
        }
        if (!named) [[unlikely]] {
            if (end == line) return {line + 2, true};
            name = name_size(in, line);
        }
        if (may_frame(line, name) && !add_field(line, name, end, fields)) return {line, false};
        line = end + 2;
    }
}

// Where the method of a line of a block at least ends; 0: it is not plain.
[[gnu::always_inline]] inline std::size_t method_size(const char* line) {
    if (same_bytes(line, "GET ")) [[likely]]
        return 3;
    const auto letters = static_cast<unsigned>(__builtin_ctz(~Letters::in(block_at(line))));
    if (letters == block_size || line[letters] != ' ') return 0;
    return letters == 5 && same_bytes(line, "PROXY") ? 0 : letters;
}

constexpr std::size_t version_size = 9;  // with its SP

// The request line that ends before the CR at `end`, all of it Text.
[[gnu::always_inline]] inline RequestLine request_line_to(Bytes in, const char* end) {
    const char* const line = in.data();
    const std::size_t method = method_size(line);
    const char* const target_end = end - version_size;
    if (method == 0 || target_end < line + method + 2) return {};
    if (!same_bytes(target_end, " HTTP/1.") || (end[-1] != '1' && end[-1] != '0')) return {};
    if (in.data() + run_end<Graphic>(in, method + 1) != target_end) return {};
    auto kind = RequestKind::ordinary;
    if (method == 4 && same_bytes(line, "HEAD")) kind = RequestKind::head;
    if (method == 7 && same_bytes(line, "CONNECT")) kind = RequestKind::connect;
    return {static_cast<std::size_t>(end + 2 - line), kind, end[-1] == '1'};
}

[[gnu::always_inline]] inline StatusLine status_line_to(Bytes in, const char* end) {
    const char* const line = in.data();
    const bool current = same_bytes(line, "HTTP/1.1 ");
    if (!current && !same_bytes(line, "HTTP/1.0 ")) return {};
    const char* const digits = line + version_size;
    if (end <= digits + 3 || digits[3] != ' ') return {};
    if (!is_digit(digits[0]) || !is_digit(digits[1]) || !is_digit(digits[2])) return {};
    const int status = digits[0] * 100 + digits[1] * 10 + digits[2] - '0' * 111;
    if (status < 100) return {};
    return {static_cast<std::size_t>(end + 2 - line), static_cast<std::uint16_t>(status), current};
}

std::size_t size_of(Bytes in, Stop stop) {
    return stop.whole ? static_cast<std::size_t>(stop.at - in.data()) : 0;
}

}  // namespace

Lines field_lines(Bytes in, std::size_t at, FramingFields& fields) {
    const Bytes rest = from(in, at);
    if (rest.size() <= block_size) return {at, false};
    LineEnds ends(rest);
    const Stop stop = add_lines(ends, rest, rest.data(), fields);
    return {static_cast<std::size_t>(stop.at - in.data()), stop.whole};
}

RequestLine request_line(Bytes in) {
    if (in.size() <= block_size) return {};
    const char* const end = LineEnds(in).next(in.data());
    return end == nullptr ? RequestLine{} : request_line_to(in, end);
}

StatusLine status_line(Bytes in) {
    if (in.size() <= block_size) return {};
    const char* const end = LineEnds(in).next(in.data());
    return end == nullptr ? StatusLine{} : status_line_to(in, end);
}

std::size_t request_head(Bytes in, FramingFields& fields) {
    if (in.size() <= block_size) return 0;
    LineEnds ends(in);
    const char* const end = ends.next(in.data());
    if (end == nullptr) return 0;
    const RequestLine line = request_line_to(in, end);
    if (line.size == 0 || line.kind != RequestKind::ordinary) return 0;
    return size_of(in, add_lines(ends, in, end + 2, fields));
}

std::size_t response_head(Bytes in, std::uint16_t& status, FramingFields& fields) {
    if (in.size() <= block_size) return 0;
    LineEnds ends(in);
    const char* const end = ends.next(in.data());
    if (end == nullptr) return 0;
    const StatusLine line = status_line_to(in, end);
    if (line.size == 0 || line.status < 200) return 0;
    status = line.status;
    return size_of(in, add_lines(ends, in, end + 2, fields));
}

}  // namespace lastcall::plain
