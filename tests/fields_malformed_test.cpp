// Claims about a request's field sections that two parsers might read differently: each is refused,
// at the byte marked "^", for its reason. A response's are in fields_lenient_test.cpp.

#include <lastcall/http1/fields.hpp>

#include "followed.hpp"

namespace lastcall {
namespace {

void check_all(Opaque reason, std::initializer_list<std::string> rows) {
    for (const std::string& row : rows) {
        const Marked input = marked(row);
        REQUIRE(input.marks.size() == 1);
        at_every_split(input.text, [&](const Parts& parts) {
            FieldSection section;
            const Progress end = followed(parts, [&](Bytes in) { return section.follow(in); });
            CHECK(end.outcome == Outcome::malformed);
            CHECK(end.taken == input.marks[0]);
            CHECK(end.reason == reason);
        });
    }
}

TEST_SUITE("malformed field section (RFC 9112 2.2, 5)") {
    TEST_CASE("a bare LF ends nothing") {
        check_all(Opaque::malformed_head,
                  {"^\n|"_wire, "A: b^\n|"_wire, "A: b|^\n|"_wire, "A:^\n|"_wire, "A^\n: b||"_wire,
                   "Connection: close^\n|"_wire, "Content-Length: 1^\n|"_wire,
                   "Connection:^\n|"_wire, "Transfer-Encoding: chunked^\n|"_wire});
    }

    TEST_CASE("a CR without LF ends nothing") {
        check_all(Opaque::malformed_head,
                  {"\r^A: b||"_wire, "\r^\r\n"_wire, "A: b\r^c||"_wire, "A: b\r^\r\n|"_wire,
                   "A: b\r^ c||"_wire, "A^\r: b||"_wire, "Connection: close\r^,x||"_wire,
                   "Content-Length: 1\r^1||"_wire, "A:\r^ 1||"_wire});
    }

    TEST_CASE("a line folded onto the one before is refused (obs-fold, RFC 9112 5.2)") {
        check_all(Opaque::malformed_head,
                  {"A: b|^ c||"_wire, "A: b|^\tc||"_wire, "A:|^ ||"_wire,
                   "Connection: x|^ close||"_wire, "Transfer-Encoding: chunked|^\t||"_wire});
    }

    TEST_CASE("white space before the first field line is refused (RFC 9112 2.2)") {
        check_all(Opaque::malformed_head, {"^ A: b||"_wire, "^\tA: b||"_wire, "^ ||"_wire});
    }

    TEST_CASE("white space between name and colon is refused (RFC 9112 5.1)") {
        check_all(Opaque::malformed_head,
                  {"A^ : b||"_wire, "A^\t: b||"_wire, "Content-Length^ : 1||"_wire,
                   "Transfer-Encoding^ : chunked||"_wire, "Connection^\t: close||"_wire});
    }

    TEST_CASE("a field line needs a name and a colon") {
        check_all(Opaque::malformed_head, {"^: b||"_wire, "^:||"_wire, "A^||"_wire,
                                           "A: b|Foo^||"_wire, "GET^ / HTTP/1.1||"_wire});
    }

    TEST_CASE("a name has no byte that is not a token's") {
        check_all(Opaque::malformed_head,
                  {"A^\0: b||"_wire, "A^\x7f: b||"_wire, "A^\x80: b||"_wire, "A^(b): c||"_wire,
                   "A^,B: c||"_wire, "A^/: b||"_wire, "A^@: b||"_wire, "A^[]: b||"_wire,
                   "^\"A\": b||"_wire, "^\xef\xbb\xbf"_wire + "A: b||"_wire, "^;A: b||"_wire,
                   "A^\v: b||"_wire});
    }

    TEST_CASE("a value has no control character but HTAB") {
        check_all(Opaque::malformed_head,
                  {"A: b^\0c||"_wire, "A: ^\x01||"_wire, "A: ^\v||"_wire, "A: b^\f||"_wire,
                   "A: ^\x1b[0m||"_wire, "A: ^\x7f||"_wire, "Connection: close^\0||"_wire,
                   "Content-Length: 1^\0||"_wire, "Content-Length: ^\v1||"_wire,
                   "Transfer-Encoding: ^\vchunked||"_wire, "Transfer-Encoding: chunked^\0||"_wire});
    }
}

TEST_SUITE("ambiguous length (RFC 9112 6.3)") {
    TEST_CASE("two different values are refused (5)") {
        check_all(
            Opaque::ambiguous_length,
            {"Content-Length: 1|Content-Length: 2^||"_wire, "Content-Length: 1, 2^||"_wire,
             "Content-Length: 1,2^,1||"_wire, "Content-Length: 0|A: b|Content-Length: 1^||"_wire,
             "Content-Length: 1|content-length: 11^||"_wire});
    }

    TEST_CASE("a value that is no number is refused (5)") {
        check_all(
            Opaque::ambiguous_length,
            {"Content-Length:^||"_wire, "Content-Length: ^||"_wire, "Content-Length: ^+1||"_wire,
             "Content-Length: ^-1||"_wire, "Content-Length: 0^x10||"_wire,
             "Content-Length: ^a||"_wire, "Content-Length: 1^a||"_wire,
             "Content-Length: 1^.0||"_wire, "Content-Length: 1^e2||"_wire,
             "Content-Length: 1^_0||"_wire, "Content-Length: ^\"1\"||"_wire,
             "Content-Length: 1^;x||"_wire, "Content-Length: ^\xc2\xb9||"_wire});
    }

    TEST_CASE("a number with white space inside is refused (5)") {
        check_all(Opaque::ambiguous_length,
                  {"Content-Length: 1 ^2||"_wire, "Content-Length: 1\t^1||"_wire,
                   "Content-Length: 1, 1 ^1||"_wire});
    }

    TEST_CASE("an empty list element is refused (5)") {
        check_all(Opaque::ambiguous_length,
                  {"Content-Length: 1,^||"_wire, "Content-Length: ^,1||"_wire,
                   "Content-Length: 1,^,1||"_wire, "Content-Length: 1, ^||"_wire,
                   "Content-Length: ^,||"_wire});
    }

    TEST_CASE("a number that overflows is refused") {
        check_all(Opaque::ambiguous_length, {"Content-Length: 922337203685477580^7||"_wire,
                                             "Content-Length: 461168601842738790^4||"_wire,
                                             "Content-Length: 999999999999999999^9||"_wire,
                                             "Content-Length: 1844674407370955161^6||"_wire,
                                             "Content-Length: 0001844674407370955161^7||"_wire});
    }

    TEST_CASE("Content-Length beside Transfer-Encoding is refused (3)") {
        check_all(Opaque::ambiguous_length,
                  {"Content-Length: 1|Transfer-Encoding: chunked|\r^\n"_wire,
                   "Transfer-Encoding: chunked|Content-Length: 1|\r^\n"_wire,
                   "Transfer-Encoding: chunked|A: b|Content-Length: 0|\r^\n"_wire});
    }
}

TEST_SUITE("unknown transfer coding (RFC 9112 6.1, 7)") {
    TEST_CASE("anything but chunked is refused") {
        check_all(Opaque::unknown_coding,
                  {"Transfer-Encoding: gzip^||"_wire, "Transfer-Encoding: identity^||"_wire,
                   "Transfer-Encoding: xchunked^||"_wire, "Transfer-Encoding: chunked2^||"_wire,
                   "Transfer-Encoding: chunke^||"_wire, "Transfer-Encoding: \"chunked\"^||"_wire,
                   "Transfer-Encoding: chun ked^||"_wire, "Transfer-Encoding:^||"_wire,
                   "Transfer-Encoding: ^||"_wire, "Transfer-Encoding: chunked\x80^||"_wire});
    }

    TEST_CASE("chunked with a parameter is refused") {
        check_all(Opaque::unknown_coding,
                  {"Transfer-Encoding: chunked;q=1^||"_wire,
                   "Transfer-Encoding: chunked ;q^||"_wire, "Transfer-Encoding: chunked;^||"_wire});
    }

    TEST_CASE("a list of codings is refused, chunked twice or with nothing included") {
        check_all(
            Opaque::unknown_coding,
            {"Transfer-Encoding: gzip, chunked^||"_wire, "Transfer-Encoding: chunked, gzip^||"_wire,
             "Transfer-Encoding: chunked, chunked^||"_wire, "Transfer-Encoding: chunked,^||"_wire,
             "Transfer-Encoding: ,chunked^||"_wire, "Transfer-Encoding: chunked , ^||"_wire});
    }

    TEST_CASE("a second Transfer-Encoding is refused, whatever it says") {
        check_all(Opaque::unknown_coding,
                  {"Transfer-Encoding: chunked|Transfer-Encoding: chunked^||"_wire,
                   "Transfer-Encoding: chunked|A: b|Transfer-Encoding: gzip^||"_wire,
                   "Transfer-Encoding: chunked|Transfer-Encoding:^||"_wire});
    }
}

}  // namespace
}  // namespace lastcall
