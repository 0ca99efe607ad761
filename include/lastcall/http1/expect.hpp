// Looks for an Expect field (RFC 9110 10.1.1) in a header section that comes in any parts. Knows of
// a line no more than how it begins.
#pragma once

#include <lastcall/bytes.hpp>

namespace lastcall {

class ExpectField {
public:
    void follow(Bytes in);
    // The section is not looked at: there may be one.
    void miss() { matched_ = seen; }
    [[nodiscard]] bool found() const { return matched_ == seen; }

private:
    static constexpr std::uint8_t elsewhere = UINT8_MAX - 1;  // in a line that begins otherwise
    static constexpr std::uint8_t seen = UINT8_MAX;

    std::uint8_t matched_ = 0;  // bytes of the name, from the start of a line on
};

}  // namespace lastcall
