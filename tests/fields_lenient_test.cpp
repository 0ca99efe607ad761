// Claims about a response's field sections, as old programs write them: what passes, and what is
// refused since two clients may find another end of the message in it, at the byte marked "^".

#include <lastcall/http1/fields.hpp>

#include "followed.hpp"

namespace lastcall {
namespace {

Progress follow(FieldSection& section, const Parts& parts) {
    return followed(parts, [&](Bytes in) { return section.follow(in); });
}

void refused(Opaque reason, std::initializer_list<std::string> rows) {
    for (const std::string& row : rows) {
        const Marked input = marked(row);
        REQUIRE(input.marks.size() == 1);
        at_every_split(input.text, [&](const Parts& parts) {
            FieldSection section(Reading::lenient);
            const Progress end = follow(section, parts);
            CHECK(end.outcome == Outcome::malformed);
            CHECK(end.taken == input.marks[0]);
            CHECK(end.reason == reason);
        });
    }
}

// The section's end is the text's, wherever it is cut.
void says(const FramingFields& says, std::initializer_list<std::string> texts,
          bool lengths_ignored = false) {
    for (const std::string& text : texts) {
        at_every_split(text + "behind", [&](const Parts& parts) {
            FieldSection section(Reading::lenient);
            if (lengths_ignored) section.ignore_lengths();
            const Progress end = follow(section, parts);
            CHECK(end.outcome == Outcome::complete);
            CHECK(end.taken == text.size());
            CHECK(section.fields().close == says.close);
            CHECK(section.fields().keep_alive == says.keep_alive);
            CHECK(section.fields().chunked == says.chunked);
            if (lengths_ignored) return;
            CHECK(section.fields().has_length == says.has_length);
            CHECK(section.fields().length == says.length);
        });
    }
}

constexpr FramingFields length(std::uint64_t value) {
    return {.length = value, .has_length = true};
}

TEST_SUITE("line of a response's field section") {
    TEST_CASE("may end with LF, the empty one too") {
        says({}, {"\n", "A: b\n|"_wire, "A: b|\n"_wire, "A:\n\n", "A: \nB: c\n\n"});
        says(length(42), {"Content-Length: 42\n\n", "A: b|Content-Length:42\n|"_wire,
                          "Content-Length: 42 \nA: b\nContent-Length: 42|\n"_wire});
        says({.close = true, .keep_alive = true}, {"Connection: close\nConnection:keep-alive\n\n"});
        says({.chunked = true}, {"Transfer-Encoding: chunked\n\n"});
    }

    TEST_CASE("does not end with CR alone") {
        refused(Opaque::malformed_head,
                {"\r^A: b||"_wire, "A: b\r^c||"_wire, "A: b\r^\r\n|"_wire, "A^\r: b||"_wire,
                 "A: b\n\r^\r\n"_wire, "Connection: close\r^,x||"_wire, "A: b| c\r^d||"_wire});
    }

    TEST_CASE("has a name and a colon") {
        refused(Opaque::malformed_head,
                {"A^||"_wire, "A^\n\n", "^: b||"_wire, "A: b|B c^|"_wire, "A: b\n^:||"_wire});
    }

    TEST_CASE("may be folded onto one that does not frame (obs-fold, RFC 9112 5.2)") {
        says({}, {"A: b| c||"_wire, "A: b|\tc| d||"_wire, "A:| b||"_wire, "A: b\n \t\x01 c\n\n",
                  "Longer-Name: b, c, d|  Connection: close||"_wire});
        says(length(7), {"Content-Length: 7|Accept-Ranges: a|\tb||"_wire,
                         "A: b| Content-Length: 5|Content-Length: 7||"_wire});
    }

    TEST_CASE("is not folded onto one that frames, nor onto none") {
        refused(Opaque::malformed_head,
                {"Connection: x|^ close||"_wire, "Content-Length: 7|^ 7||"_wire,
                 "A: b|Content-Length: 7|^\t7||"_wire, "Transfer-Encoding: chunked|^\t||"_wire,
                 "Connection: close\n^ x\n\n", "^ A: b||"_wire, "^\t||"_wire});
    }

    TEST_CASE("is not folded of white space alone: Ruby takes that for the empty one") {
        refused(Opaque::malformed_head,
                {"A: b| ^|"_wire, "A: b| \t^\n|"_wire, "A: b|\t\v\f^|"_wire, "A: b| c| ^||"_wire});
    }

    TEST_CASE("has no NUL") {
        refused(Opaque::malformed_head,
                {"A: b^\0||"_wire, "A^\0: b||"_wire, "A: b| ^\0c||"_wire, "A: b| c^\0||"_wire});
    }
}

TEST_SUITE("odd bytes in a response's field section") {
    TEST_CASE("may stand in a value that does not frame") {
        says({}, {"A: \x01\x02\v\f\x1b\x7f\xff||"_wire, "A: b\x01|C: \x7f||"_wire});
    }

    TEST_CASE("may stand in a name, white space behind it too, that does not frame") {
        says({}, {"A(b): c||"_wire, "A : b||"_wire, "A\t : b||"_wire, "[A]@/\x01\xff\x7f: b||"_wire,
                  "A B: c||"_wire, "\"A\": b||"_wire, "Content Length: 5||"_wire});
        says(length(1), {"Server : x|Content-Length: 1||"_wire});
    }

    TEST_CASE("are refused in a name that frames, wherever somebody might trim them") {
        refused(Opaque::malformed_head,
                {"Content-Length ^: 1||"_wire, "Content-Length\t^: 1||"_wire,
                 "Transfer-Encoding ^: chunked||"_wire, "Connection  ^: close||"_wire,
                 "\x01"_wire + "Content-Length^: 1||"_wire, "Connection\x7f^: close||"_wire,
                 "Content\x01-Length^: 1||"_wire, "\xa0"_wire + "connection\v^: x||"_wire});
    }

    TEST_CASE("are refused in a value that frames") {
        refused(Opaque::malformed_head,
                {"Connection: close^\x01||"_wire, "Content-Length: 1^\v||"_wire,
                 "Transfer-Encoding: ^\x7f"_wire + "chunked||"_wire});
    }
}

TEST_SUITE("transfer codings of a response (RFC 9112 6.1, 7)") {
    TEST_CASE("end with chunked, on one line or several") {
        says({.chunked = true},
             {"Transfer-Encoding: gzip, chunked||"_wire, "Transfer-Encoding: gzip,Chunked||"_wire,
              "Transfer-Encoding: a , b\t,\tchunked ||"_wire,
              "Transfer-Encoding: gzip|Transfer-Encoding: chunked||"_wire,
              "Transfer-Encoding: gzip\nA: b|Transfer-Encoding: x, chunked\n\n"_wire,
              "Transfer-Encoding: chunke, xchunked, chunked||"_wire});
    }

    TEST_CASE("have chunked once, and as the last") {
        refused(Opaque::unknown_coding,
                {"Transfer-Encoding: chunked, chunked^||"_wire,
                 "Transfer-Encoding: chunked, gzip^||"_wire,
                 "Transfer-Encoding: chunked, gzip^, chunked||"_wire,
                 "Transfer-Encoding: chunked|Transfer-Encoding: gzip^||"_wire,
                 "Transfer-Encoding: chunked|Transfer-Encoding: chunked^||"_wire});
        refused(Opaque::unknown_coding,
                {"Transfer-Encoding: gzip|\r^\n"_wire, "Transfer-Encoding: gzip, br|^\n"_wire,
                 "Transfer-Encoding: xchunked|A: b|\r^\n"_wire});
    }

    TEST_CASE("are tokens, none is empty, has a parameter, or is identity") {
        refused(
            Opaque::unknown_coding,
            {"Transfer-Encoding:^||"_wire, "Transfer-Encoding: ^, chunked||"_wire,
             "Transfer-Encoding: gzip, ^, chunked||"_wire, "Transfer-Encoding: chunked,^||"_wire,
             "Transfer-Encoding: gzip^;q=1, chunked||"_wire,
             "Transfer-Encoding: ^\"chunked\"||"_wire, "Transfer-Encoding: chun ^ked||"_wire,
             "Transfer-Encoding: identity^||"_wire, "Transfer-Encoding: identity^, chunked||"_wire,
             "Transfer-Encoding: identity^|Transfer-Encoding: chunked||"_wire});
    }

    TEST_CASE("stand beside no Content-Length (6.3 (3))") {
        refused(Opaque::ambiguous_length,
                {"Content-Length: 1|Transfer-Encoding: gzip, chunked|\r^\n"_wire,
                 "Transfer-Encoding: gzip|Transfer-Encoding: chunked|Content-Length: 1\n^\n"_wire});
    }
}

TEST_SUITE("length of a response (RFC 9112 6.3)") {
    TEST_CASE("is as strict as a request's") {
        refused(
            Opaque::ambiguous_length,
            {"Content-Length: 1|Content-Length: 2^||"_wire, "Content-Length: 1, 2^||"_wire,
             "Content-Length:^\n\n", "Content-Length: ^+1||"_wire, "Content-Length: 0^x1||"_wire,
             "Content-Length: 1 ^2||"_wire, "Content-Length: 999999999999999999^9||"_wire,
             "Content-Length: 1|Content-Length: 11^\n\n"_wire});
    }

    TEST_CASE("is not read where the head is all there is, and Connection is") {
        says({.close = true},
             {"Content-Length: 1|Content-Length: x|Connection: close||"_wire,
              "Content-Length: +1|Transfer-Encoding: chunked|Connection: close||"_wire,
              "Transfer-Encoding: identity|Content-Length : 1| 2|Connection: close\n\n"_wire},
             true);
    }

    TEST_CASE("is read again in the section behind that one") {
        FieldSection section(Reading::lenient);
        section.ignore_lengths();
        CHECK(section.follow("Content-Length: x\n\n").outcome == Outcome::complete);
        section.restart();
        CHECK(section.lenient());
        CHECK(section.follow("Content-Length: x\n\n").reason == Opaque::ambiguous_length);
    }

    TEST_CASE("may be empty, whatever content begins with, and no byte before it is looked at") {
        for (const char first_byte : {' ', '\t', 'e', '0'}) {
            const std::string text = "\r\n" + std::string(1, first_byte) + std::string(40, 'x');
            FieldSection section(Reading::lenient);
            const Progress end = section.follow(text);
            CHECK(end.outcome == Outcome::complete);
            CHECK(end.taken == 2);
        }
    }
}

}  // namespace
}  // namespace lastcall
