// Claims about the chunked transfer coding: where a body ends, and what is refused. The marks "^"
// are the end, or the byte that is refused.

#include <lastcall/http1/body.hpp>

#include "followed.hpp"

namespace lastcall {
namespace {

void check_all(Outcome outcome, Opaque reason, std::initializer_list<std::string> rows,
               Reading reading = Reading::strict) {
    for (const std::string& row : rows) {
        const Marked input = marked(row);
        REQUIRE(input.marks.size() == 1);
        at_every_split(input.text, [&](const Parts& parts) {
            Body body(reading);
            body.begin(BodyEnd::chunked, 0);
            const Progress end = followed(parts, [&](Bytes in) { return body.follow(in); });
            CHECK(end.outcome == outcome);
            CHECK(end.taken == input.marks[0]);
            CHECK(end.reason == reason);
            CHECK(body.done() == (outcome == Outcome::complete));
        });
    }
}

void complete_at_mark(std::initializer_list<std::string> rows) {
    check_all(Outcome::complete, Opaque::no, rows);
}

void malformed_at_mark(std::initializer_list<std::string> rows) {
    check_all(Outcome::malformed, Opaque::malformed_body, rows);
}

TEST_SUITE("chunked body (RFC 9112 7.1)") {
    TEST_CASE("ends with the empty line behind the last chunk") {
        complete_at_mark({"0||^"_wire, "0||^GET"_wire, "5|01234|0||^GET"_wire,
                          "1|0|2|01|3|012|0||^"_wire, "6|0||0|0||^"_wire});
    }

    TEST_CASE("may have any bytes as data") {
        complete_at_mark({"4|\r\n\r\n|0||^"_wire, "5|0\r\n\r\n|0||^"_wire, "2|\0\xff|0||^"_wire});
    }

    TEST_CASE("has chunk sizes in hexadecimal of either case, with leading zeros") {
        complete_at_mark({"a|0123456789|0||^"_wire, "A|0123456789|0||^"_wire,
                          "00a|0123456789|000||^"_wire, "0000000000000000000000001|0|0||^"_wire,
                          "10|0123456789abcdef|0||^"_wire,
                          "1a|0123456789abcdef0123456789|0||^"_wire});
    }

    TEST_CASE("may have chunk extensions, which say nothing (7.1.1)") {
        complete_at_mark({"1;a|0|0||^"_wire, "1;a=b;c=\"d e;\"|0|0;x||^"_wire, "1;|0|0||^"_wire,
                          "1; a = b |0|0||^"_wire, "1;\t\x80|0|0||^"_wire, "0;close||^"_wire});
    }

    TEST_CASE("may have trailers (7.1.2)") {
        complete_at_mark({"0|A: b||^GET"_wire, "1|0|0|A: b|C:||^"_wire,
                          "0|Connection: close|Digest: x||^"_wire});
    }

    TEST_CASE("is refused if a trailer would change the framing") {
        malformed_at_mark({"0|Content-Length: ^x||"_wire, "0|Transfer-Encoding: gzip^||"_wire});
    }

    TEST_CASE("is incomplete before its end") {
        check_all(Outcome::incomplete, Opaque::no,
                  {"5^"_wire, "5;^"_wire, "5\r^"_wire, "5|^"_wire, "5|0123^"_wire, "5|01234^"_wire,
                   "5|01234\r^"_wire, "5|01234|^"_wire, "0|^"_wire, "0|\r^"_wire, "0|A: b|^"_wire});
    }
}

TEST_SUITE("malformed chunked body (RFC 9112 7.1)") {
    TEST_CASE("a size has a digit, and digits only") {
        malformed_at_mark({"^|0||"_wire, "^;a|0||"_wire, "^-1|0||"_wire, "^+1|0||"_wire,
                           "0^x1|0||"_wire, "^g|0||"_wire, "1^g|0||"_wire, "^ 1|0|"_wire,
                           "1^_0|0||"_wire, "^\0001|"_wire});
    }

    TEST_CASE("white space behind a size is refused (7.1.1, BWS)") {
        malformed_at_mark({"1^ |0|0||"_wire, "1^\t|0|0||"_wire, "1^ ;a|0|0||"_wire});
    }

    TEST_CASE("a size line ends with CRLF") {
        malformed_at_mark({"1^\n0|0||"_wire, "1\r^0|0||"_wire, "1;a^\n0|0||"_wire,
                           "1;a\r^b|0|0||"_wire, "1\r^\r\n0|0||"_wire, "0^\n|"_wire});
    }

    TEST_CASE("an extension has no control character but HTAB") {
        malformed_at_mark({"1;^\0|0|0||"_wire, "1;a^\x7f|0|0||"_wire, "1;^\v|0|0||"_wire});
    }

    TEST_CASE("data ends with CRLF where its size says") {
        malformed_at_mark({"1|0^1|0||"_wire, "1|0^\n0||"_wire, "1|0\r^0||"_wire, "2|0\r^\n0||"_wire,
                           "1|0\r^\r\n0||"_wire});
    }

    TEST_CASE("a trailer is a field section") {
        malformed_at_mark({"0|^ a: b||"_wire, "0|a^ : b||"_wire, "0|a: b^\n|"_wire,
                           "0|a: b|^\n"_wire, "0|\r^0"_wire, "0|^: b||"_wire});
    }

    TEST_CASE("a size that overflows is refused") {
        malformed_at_mark({"400000000000000^0|"_wire, "fffffffffffffff^f|"_wire,
                           "1000000000000000^0|"_wire, "000400000000000000^00|"_wire});
    }

    TEST_CASE("the largest size is followed") {
        Body body;
        body.begin(BodyEnd::chunked, 0);
        CHECK(body.follow("3fffffffffffffff\r\n").outcome == Outcome::incomplete);
        CHECK(body.countable() == longest_length);
        body.skip(longest_length);
        CHECK(body.follow("\r\n0\r\n\r\n").outcome == Outcome::complete);
    }
}

TEST_SUITE("chunked body of a response") {
    TEST_CASE("may have white space behind a size, as Apache 1.3 wrote, and before an extension") {
        check_all(Outcome::complete, Opaque::no,
                  {"1 |0|0||^"_wire, "1   |0|0     ||^"_wire, "1\t|0|0 ||^"_wire,
                   "1 \t ;a=b|0|0 ;c||^"_wire, "00a |0123456789|1|0|0||^"_wire},
                  Reading::lenient);
    }

    TEST_CASE("may have a trailer section that LF ends, and folds in it") {
        check_all(Outcome::complete, Opaque::no,
                  {"0|\n^"_wire, "0|A: b\n\n^"_wire, "0|A : b| c|\n^"_wire, "0 |A: \x01||^"_wire},
                  Reading::lenient);
    }

    TEST_CASE("is refused where a size is none for somebody, or a line ends with LF") {
        check_all(Outcome::malformed, Opaque::malformed_body,
                  {"^ 1|0|0||"_wire, "1 ^0|0|0||"_wire, "1 ^\n0|0||"_wire, "1^\n0|0||"_wire,
                   "1 \r^0|"_wire, "^+1|0|0||"_wire, "0^x1|0|0||"_wire, "1 ^\0|0||"_wire,
                   "1;a^\n0|0||"_wire, "1|0^\n0||"_wire, "1 ^,|0|0||"_wire, "0|A^||"_wire,
                   "0|Content-Length ^: 1||"_wire},
                  Reading::lenient);
    }
}

TEST_SUITE("chunked body that passes unseen") {
    TEST_CASE("may pass what is left of a chunk, and not the framing around it") {
        Body body;
        body.begin(BodyEnd::chunked, 0);
        CHECK(body.countable() == 0);
        CHECK(body.follow("5\r\n").outcome == Outcome::incomplete);
        CHECK(body.countable() == 5);
        body.skip(2);
        CHECK(body.follow("23").taken == 2);
        CHECK(body.countable() == 1);
        body.skip(1);
        CHECK(body.countable() == 0);
        CHECK_FALSE(body.done());
        CHECK(body.follow("\r\n0\r\n\r\nGET").taken == 7);
        CHECK(body.done());
        CHECK(body.countable() == 0);
    }
}

}  // namespace
}  // namespace lastcall
