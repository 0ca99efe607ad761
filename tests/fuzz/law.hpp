// What the fuzz targets share: how a law is asserted, how an input is read, how a text is cut.
// An input is two letters that choose the conversation, so that seeds can be read, then the text.
#pragma once

#include "../conversation.hpp"

namespace lastcall {

inline void law(bool holds) {
    if (!holds) __builtin_trap();
}

// Numbers that look random, the same for the same input.
class Dice {
public:
    explicit Dice(Bytes seed) {
        for (const char c : seed)
            state_ = (state_ ^ static_cast<unsigned char>(c)) * 1099511628211U;
    }
    // 0 to most, small numbers as often as large ones.
    std::size_t roll(std::size_t most) {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        const std::size_t range = (state_ >> 60) % 2 == 0 && most > 16 ? 16 : most;
        return static_cast<std::size_t>(state_ >> 33) % (range + 1);
    }

private:
    std::uint64_t state_ = 14695981039346656037U;
};

struct Input {
    std::uint32_t last = none_is_last;  // "0" to "4"
    Kinds kinds;                        // of four requests, by a letter; "A": all ordinary
    Bytes text;
    Dice dice;

    explicit Input(Bytes data) : text(from(data, 2)), dice(data) {
        constexpr std::array all{RequestKind::ordinary, RequestKind::head, RequestKind::connect};
        const auto digit = [&](std::size_t i, char zero) {
            return i < data.size() ? static_cast<unsigned char>(data[i] - zero) : 0U;
        };
        last = digit(0, '0') % 5;
        for (std::uint32_t rest = digit(1, 'A'); kinds.size() < 4; rest /= 3) {
            kinds.push_back(all[rest % 3]);
        }
    }
};

using Parts = std::vector<Bytes>;

inline Parts at_random(Bytes text, Dice& dice) {
    Parts parts;
    while (!text.empty()) {
        parts.push_back(first(text, 1 + dice.roll(text.size() - 1)));
        text = from(text, parts.back().size());
    }
    return parts;
}

inline Parts byte_by_byte(Bytes text) {
    Parts parts;
    for (std::size_t i = 0; i < text.size(); ++i) parts.push_back({text.data() + i, 1});
    return parts;
}

}  // namespace lastcall
