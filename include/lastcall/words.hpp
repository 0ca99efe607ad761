// Recognises one of a few known words from bytes that come one at a time. Knows no word itself: the
// caller passes the same list to every call, and bytes already in lower case where case is ignored.
#pragma once

#include <lastcall/bytes.hpp>

#include <cstdint>
#include <span>

namespace lastcall {

using Words = std::span<const Bytes>;  // at most 8, each under 255 bytes

class WordMatch {
public:
    constexpr void feed(Words words, char c) {
        candidates_ = static_cast<std::uint8_t>(candidates_ & ((1U << words.size()) - 1));
        if (candidates_ == 0) return;
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (length_ >= words[i].size() || words[i][length_] != c) strike(i);
        }
        ++length_;
    }

    // The index of the word that has been fed, whole and nothing else; -1 if none.
    [[nodiscard]] constexpr int found(Words words) const {
        for (std::size_t i = 0; i < words.size(); ++i) {
            if ((candidates_ >> i & 1) != 0 && words[i].size() == length_) {
                return static_cast<int>(i);
            }
        }
        return -1;
    }

    // Can what has been fed still become one of the words?
    [[nodiscard]] constexpr bool possible() const { return candidates_ != 0; }
    [[nodiscard]] constexpr std::size_t length() const { return length_; }

private:
    constexpr void strike(std::size_t i) {
        candidates_ = static_cast<std::uint8_t>(candidates_ & ~(1U << i));
    }

    std::uint8_t candidates_ = 0xff;
    std::uint8_t length_ = 0;
};

}  // namespace lastcall
