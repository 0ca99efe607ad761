// Lines that the edit leaves alone, which most are: passed whole. Knows no more of a line than that
// it is not one of the two fields.

#include <lastcall/http1/close_option.hpp>

namespace lastcall {
namespace {

// With its LF, or as much as is there.
std::size_t line_size(Bytes in) {
    const std::size_t end = in.find('\n');
    return end == Bytes::npos ? in.size() : end + 1;
}

}  // namespace

// Does a line begin here that can be seen to be none of the two fields, nor the empty one?
bool CloseOption::begins_another(Bytes in) {
    if (in.empty() || is_ows(in[0]) || in[0] == '\r' || in[0] == '\n') return false;
    WordMatch word;
    for (const char c : in) {
        if (c == ':' && word.found(names) >= 0) return false;
        word.feed(names, lower(c));
        if (!word.possible()) return true;
    }
    return false;
}

std::size_t CloseOption::staying(Bytes in) const {
    if (at_ != At::passing && at_ != At::line_start) return 0;
    std::size_t size = at_ == At::passing ? line_size(in) : 0;
    if (at_ == At::passing && (size == 0 || in[size - 1] != '\n')) return size;
    while (begins_another(from(in, size))) size += line_size(from(in, size));
    return size;
}

void CloseOption::pass(Bytes sent) {
    if (sent.empty()) return;
    at_ = sent.back() == '\n' ? At::line_start : At::passing;
    dropped_ = false;
}

}  // namespace lastcall
