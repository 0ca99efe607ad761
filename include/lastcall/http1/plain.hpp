// Heads as they nearly always are: there as a whole, and plain. They are passed over in blocks,
// many times faster than byte by byte. Whatever is split or unusual is declined, never judged: the
// followers' bytes alone say what is right, and what is taken here is what they would have taken.
// Keeps nothing.
#pragma once

#include <lastcall/http1/body.hpp>

namespace lastcall::plain {

// Field lines from the start of one at `at`: to where the first one starts that is not plain, or to
// the end of the empty line. What they say is added to `fields`.
struct Lines {
    std::size_t end = 0;
    bool whole = false;  // the empty line was among them
};
[[nodiscard]] Lines field_lines(Bytes in, std::size_t at, FramingFields& fields);

// A start line with its CRLF, from the first byte; a size of 0: declined.
struct RequestLine {
    std::size_t size = 0;
    RequestKind kind = RequestKind::ordinary;
    std::uint8_t minor_version = 0;
};
[[nodiscard]] RequestLine request_line(Bytes in);

struct StatusLine {
    std::size_t size = 0;
    std::uint16_t status = 0;  // 100 to 999
    std::uint8_t minor_version = 0;
};
[[nodiscard]] StatusLine status_line(Bytes in);

// Whole heads: their sizes, to the end of the empty line, and what they say; 0: declined. Only
// those that begin an ordinary exchange, or end it with a final response, are taken.
[[nodiscard]] std::size_t request_head(Bytes in, FramingFields& fields);
[[nodiscard]] std::size_t response_head(Bytes in, std::uint16_t& status, FramingFields& fields);

}  // namespace lastcall::plain
