// Claims about character classes, checked for each of the 256 bytes where that is a short list.

#include <lastcall/bytes.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <string>

namespace lastcall {
namespace {

template <typename Predicate>
std::string all_bytes(Predicate predicate) {
    std::string found;
    for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(static_cast<unsigned char>(byte));
        if (predicate(c)) found += c;
    }
    return found;
}

constexpr Bytes upper_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr Bytes lower_letters = "abcdefghijklmnopqrstuvwxyz";

TEST_SUITE("views") {
    TEST_CASE("the first bytes are at most all of them") {
        CHECK(first("close", 0) == "");
        CHECK(first("close", 2) == "cl");
        CHECK(first("close", 5) == "close");
        CHECK(first("close", 6) == "close");
        CHECK(first("close", Bytes::npos) == "close");
        CHECK(first({}, 1).empty());
    }

    TEST_CASE("the bytes from a place behind the end are none") {
        CHECK(from("close", 0) == "close");
        CHECK(from("close", 4) == "e");
        CHECK(from("close", 5).empty());
        CHECK(from("close", Bytes::npos).empty());
        CHECK(from({}, 0).empty());
    }
}

TEST_SUITE("character classes (RFC 9110 5.6)") {
    TEST_CASE("only the 26 capital letters have a lower case") {
        CHECK(all_bytes([](char c) { return lower(c) != c; }) == upper_letters);
        for (std::size_t i = 0; i < upper_letters.size(); ++i) {
            CHECK(lower(upper_letters[i]) == lower_letters[i]);
        }
    }

    TEST_CASE("a digit is one of ten") { CHECK(all_bytes(is_digit) == "0123456789"); }

    TEST_CASE("optional white space is SP and HTAB (RFC 9110 5.6.3)") {
        CHECK(all_bytes(is_ows) == "\t ");
    }

    TEST_CASE("a hexadecimal digit has its value in either case, and no other byte has one") {
        const std::string digits = all_bytes([](char c) { return hex_value(c) >= 0; });
        CHECK(digits == "0123456789ABCDEFabcdef");
        for (std::size_t i = 0; i < digits.size(); ++i) {
            const std::size_t value = i < 16 ? i : i - 6;
            CHECK(hex_value(digits[i]) == static_cast<int>(value));
        }
    }

    TEST_CASE("a token byte is a letter, a digit or one of fifteen marks (RFC 9110 5.6.2)") {
        const std::string expected = "!#$%&'*+-.0123456789" + std::string{upper_letters} + "^_`" +
                                     std::string{lower_letters} + "|~";
        CHECK(all_bytes(is_tchar) == expected);
    }

    TEST_CASE("a field byte is any but a control character, HTAB excepted (RFC 9110 5.5)") {
        const std::string refused = all_bytes([](char c) { return !is_field_byte(c); });
        CHECK(refused.size() == 32);
        CHECK(refused.find('\t') == std::string::npos);
        CHECK(refused.find(' ') == std::string::npos);
        CHECK(refused.find('\0') == 0);
        CHECK(refused.back() == '\x7f');
        CHECK(is_field_byte('\x80'));
        CHECK(is_field_byte('\xff'));
    }

    TEST_CASE("a request-target byte is a field byte but white space") {
        CHECK(all_bytes([](char c) { return is_field_byte(c) && !is_target_byte(c); }) == "\t ");
        CHECK(all_bytes([](char c) { return is_target_byte(c) && !is_field_byte(c); }).empty());
    }
}

}  // namespace
}  // namespace lastcall
