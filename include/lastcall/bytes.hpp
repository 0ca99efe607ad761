// Bytes of HTTP as views, and the character classes of RFC 9110 5.6.
// Owns nothing, copies nothing, knows no message.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lastcall {

using Bytes = std::string_view;

// string_view::substr checks its bound by throwing; these two clamp instead.
constexpr Bytes first(Bytes bytes, std::size_t count) {
    return {bytes.data(), count < bytes.size() ? count : bytes.size()};
}

constexpr Bytes from(Bytes bytes, std::size_t start) {
    return start < bytes.size() ? Bytes{bytes.data() + start, bytes.size() - start} : Bytes{};
}

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr bool is_ows(char c) {  // RFC 9110 5.6.3
    return c == ' ' || c == '\t';
}

// Value of a hexadecimal digit, or -1.
constexpr int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    const char letter = lower(c);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

inline constexpr auto tchars = [] {
    std::array<bool, 256> table{};
    for (int c = 0; c < 256; ++c) {
        const char letter = lower(static_cast<char>(c));
        const bool named = is_digit(letter) || (letter >= 'a' && letter <= 'z');
        constexpr Bytes punctuation = "!#$%&'*+-.^_`|~";
        table[static_cast<std::size_t>(c)] = named || punctuation.find(letter) != Bytes::npos;
    }
    return table;
}();

constexpr bool is_tchar(char c) {  // RFC 9110 5.6.2
    return tchars[static_cast<unsigned char>(c)];
}

// Visible US-ASCII, SP, HTAB and obs-text (RFC 9110 5.5). Other control characters have served to
// smuggle requests past one of two parsers, so a message with one is not understood.
constexpr bool is_field_byte(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

// What no parser takes for the end of a line, or of its text.
constexpr bool is_line_byte(char c) { return c != '\0' && c != '\r' && c != '\n'; }

constexpr bool is_target_byte(char c) {  // request-target: field bytes but white space
    return is_field_byte(c) && !is_ows(c);
}

}  // namespace lastcall
