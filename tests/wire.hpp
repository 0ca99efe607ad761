// Text as it goes over the wire, and every way to cut it up and to lay it into memory.
// Knows nothing of what is claimed about the text.
#pragma once

#include <lastcall/bytes.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include <sys/mman.h>

namespace lastcall {

using Parts = std::vector<Bytes>;

// A literal in which "|" stands for CRLF.
inline std::string operator""_wire(const char* text, std::size_t size) {
    std::string wire;
    for (const char c : Bytes{text, size}) wire += c == '|' ? std::string{"\r\n"} : std::string{c};
    return wire;
}

// A text and the places in it where something ends, each written as "^".
struct Marked {
    std::string text;
    std::vector<std::size_t> marks;
};

inline Marked marked(Bytes text) {
    Marked result;
    for (const char c : text) {
        if (c == '^')
            result.marks.push_back(result.text.size());
        else
            result.text += c;
    }
    return result;
}

inline std::string repeated(Bytes text, std::size_t times) {
    std::string result;
    for (; times > 0; --times) result += text;
    return result;
}

// Room between two pages that fault when read.
class Guarded {
public:
    Guarded() {
        void* const place =
            mmap(nullptr, room + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        REQUIRE(place != MAP_FAILED);
        room_ = static_cast<char*>(place) + page;
        REQUIRE(mprotect(room_, room, PROT_READ | PROT_WRITE) == 0);
    }
    // Reading on beyond the text faults.
    [[nodiscard]] Bytes at_end(Bytes text) { return put(text, room_ + room - text.size()); }
    // Reading in front of the text faults.
    [[nodiscard]] Bytes at_start(Bytes text) { return put(text, room_); }

private:
    static constexpr std::size_t page = 4096;
    static constexpr std::size_t room = 16 * page;

    [[nodiscard]] static Bytes put(Bytes text, char* place) {
        REQUIRE(text.size() <= room);
        std::copy(text.begin(), text.end(), place);
        return {place, text.size()};
    }
    char* room_;
};

// Each part right before an unreadable page of its own; valid until the next call.
inline Parts against_guard_pages(const Parts& parts) {
    static std::vector<Guarded> pool;  // never unmapped
    Parts placed;
    for (const Bytes part : parts) {
        if (placed.size() == pool.size()) pool.emplace_back();
        placed.push_back(pool[placed.size()].at_end(part));
    }
    return placed;
}

// The text right before an unreadable page, then right behind one.
template <typename Check>
void against_guard_page(Bytes text, Check check) {
    static Guarded guarded;
    check(guarded.at_end(text));
    check(guarded.at_start(text));
}

inline Parts byte_by_byte(Bytes text) {
    Parts parts;
    for (std::size_t i = 0; i < text.size(); ++i) parts.push_back({text.data() + i, 1});
    return parts;
}

// The cut, for people.
inline std::string shown(const Parts& parts) {
    std::string result;
    for (const Bytes part : parts) {
        result += '[';
        for (const char c : part) {
            if (c == '\r' || c == '\n')
                result += c == '\r' ? "\\r" : "\\n";
            else
                result += c >= ' ' && c <= '~' ? c : '?';
        }
        result += ']';
    }
    return result;
}

// Passes the text in one part, in every two, a byte at a time, and if it is short in every three.
template <typename Check>
void at_every_split(Bytes text, Check check) {
    constexpr std::size_t short_text = 48;
    const auto check_cut = [&](const Parts& parts) {
        INFO("cut: ", shown(parts));
        check(against_guard_pages(parts));
    };
    against_guard_page(text, [&](Bytes whole) { check(Parts{whole}); });
    for (std::size_t i = 1; i < text.size(); ++i) {
        const Bytes rest = from(text, i);
        check_cut({first(text, i), rest});
        for (std::size_t j = 1; text.size() <= short_text && j < rest.size(); ++j) {
            check_cut({first(text, i), first(rest, j), from(rest, j)});
        }
    }
    check_cut(byte_by_byte(text));
}

}  // namespace lastcall
