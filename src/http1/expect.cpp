// One field's name at the start of a line; the lines between are passed whole.

#include <lastcall/http1/expect.hpp>

namespace lastcall {

void ExpectField::follow(Bytes in) {
    constexpr Bytes name = "expect:";
    while (!in.empty() && matched_ != seen) {
        if (matched_ == elsewhere) {
            const std::size_t end = in.find('\n');
            if (end == Bytes::npos) return;
            matched_ = 0;
            in = from(in, end + 1);
        } else if (lower(in[0]) != name[matched_]) {
            matched_ = elsewhere;
        } else {
            if (++matched_ == name.size()) matched_ = seen;
            in = from(in, 1);
        }
    }
}

}  // namespace lastcall
