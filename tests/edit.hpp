// One header section being edited, and what has been sent of it. Knows no claim.
#pragma once

#include <lastcall/http1/close_option.hpp>

#include "wire.hpp"

namespace lastcall {

struct Edit {
    CloseOption option;
    std::string sent;

    void feed(Bytes text) {
        std::array<char, CloseOption::longest_output> out{};
        for (const char c : text) sent += Bytes{out.data(), option.feed(c, out)};
    }
    // Whole lines at once, where they stay.
    void take(Bytes text) {
        while (!text.empty()) {
            const Bytes staying = first(text, option.staying(text));
            sent += staying;
            option.pass(staying);
            if (staying.empty()) feed(first(text, 1));
            text = from(text, staying.empty() ? 1 : staying.size());
        }
    }
    [[nodiscard]] std::string released() const {
        std::array<char, CloseOption::longest_output> out{};
        CloseOption copy = option;
        return sent + std::string{out.data(), copy.release(out)};
    }
};

}  // namespace lastcall
