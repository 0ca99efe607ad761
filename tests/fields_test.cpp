// Claims about field sections: where they end, and what Connection, Content-Length and
// Transfer-Encoding say. What is refused is in fields_malformed_test.cpp.

#include <lastcall/http1/fields.hpp>

#include "followed.hpp"

namespace lastcall {
namespace {

struct Row {
    std::string text;
    FramingFields says;
};

// The section's end is the text's, wherever it is cut, and nothing behind it is looked at.
void check(const Row& row) {
    at_every_split(row.text + "behind", [&](const Parts& parts) {
        FieldSection section;
        const Progress end = followed(parts, [&](Bytes in) { return section.follow(in); });
        CHECK(end.outcome == Outcome::complete);
        CHECK(end.taken == row.text.size());
        CHECK(section.fields().has_length == row.says.has_length);
        CHECK(section.fields().length == row.says.length);
        CHECK(section.fields().chunked == row.says.chunked);
        CHECK(section.fields().close == row.says.close);
        CHECK(section.fields().keep_alive == row.says.keep_alive);
    });
}

void check_all(std::initializer_list<Row> rows) {
    for (const Row& row : rows) check(row);
}

TEST_SUITE("field section (RFC 9112 5)") {
    TEST_CASE("ends with the LF of the empty line") {
        check_all({{"|"_wire, {}},
                   {"Host: x||"_wire, {}},
                   {"Host: x|Accept: */*|Cookie: a=b; c=\"d\"||"_wire, {}}});
    }

    TEST_CASE("takes a field value to be any text, or none") {
        check_all({{"A:||"_wire, {}},
                   {"A: ||"_wire, {}},
                   {"A:b||"_wire, {}},
                   {"A: \t b \t ||"_wire, {}},
                   {"A: caf\xc3\xa9 \xff\x80||"_wire, {}},
                   {"A: a:b, \"c\" (d) [e] {f} <g> @=?/\\||"_wire, {}}});
    }

    TEST_CASE("takes a field name to be any token") {
        check_all({{"!#$%&'*+-.^_`~09azAZ: x||"_wire, {}}, {"a: x|b: x|A: x||"_wire, {}}});
    }

    TEST_CASE("may be of any length") {
        FieldSection section;
        const std::string text = repeated("X-Y: " + std::string(70000, 'y') + "\r\n", 5) + "\r\n";
        CHECK(section.follow(text).outcome == Outcome::complete);
        FieldSection named;
        CHECK(named.follow(std::string(70000, 'n') + ": x\r\n\r\n").outcome == Outcome::complete);
    }
}

TEST_SUITE("Content-Length (RFC 9110 8.6)") {
    constexpr FramingFields length(std::uint64_t value) {
        return {.length = value, .has_length = true};
    }

    TEST_CASE("is a decimal number, its name in any letter case") {
        check_all({{"Content-Length: 0||"_wire, length(0)},
                   {"Content-Length: 42||"_wire, length(42)},
                   {"content-length:42||"_wire, length(42)},
                   {"CONTENT-LENGTH: \t42 \t||"_wire, length(42)},
                   {"Content-Length: 1234567890||"_wire, length(1234567890)},
                   {"A: 1|Content-Length: 7|B: 2||"_wire, length(7)}});
    }

    TEST_CASE("may have leading zeros") {
        check_all({{"Content-Length: 007||"_wire, length(7)},
                   {"Content-Length: 00000000000000000000000000000000007||"_wire, length(7)}});
    }

    TEST_CASE("said twice with one value counts as one (RFC 9112 6.3 (5))") {
        check_all({{"Content-Length: 42|Content-Length: 42||"_wire, length(42)},
                   {"Content-Length: 42, 42||"_wire, length(42)},
                   {"Content-Length: 42,42 , 42||"_wire, length(42)},
                   {"Content-Length: 42|X: y|Content-Length: 042||"_wire, length(42)}});
    }

    TEST_CASE("is large before it overflows") {
        check({"Content-Length: 4611686018427387903||"_wire, length(4611686018427387903)});
    }

    TEST_CASE("is not what a name that begins or ends alike says") {
        check_all({{"Content-Lengt: 1||"_wire, {}},
                   {"Content-Length2: 1||"_wire, {}},
                   {"X-Content-Length: 1||"_wire, {}},
                   {"Content_Length: 1||"_wire, {}},
                   {"Content-Type: 1||"_wire, {}}});
    }
}

TEST_SUITE("Transfer-Encoding (RFC 9112 6.1)") {
    TEST_CASE("is followed if it says chunked and nothing else, in any letter case") {
        check_all({{"Transfer-Encoding: chunked||"_wire, {.chunked = true}},
                   {"transfer-encoding:CHUNKED||"_wire, {.chunked = true}},
                   {"Transfer-Encoding: \t Chunked \t ||"_wire, {.chunked = true}}});
    }

    TEST_CASE("is not what TE or a name that begins alike says") {
        check_all({{"TE: chunked, trailers||"_wire, {}},
                   {"Transfer-Encodin: chunked||"_wire, {}},
                   {"Transfer-Encoding2: chunked||"_wire, {}}});
    }
}

TEST_SUITE("Connection (RFC 9110 7.6.1)") {
    TEST_CASE("says close or keep-alive as one of its options, in any letter case") {
        check_all({{"Connection: close||"_wire, {.close = true}},
                   {"connection:CLOSE||"_wire, {.close = true}},
                   {"Connection: keep-alive||"_wire, {.keep_alive = true}},
                   {"Connection: Keep-Alive||"_wire, {.keep_alive = true}},
                   {"Connection: upgrade, close, x||"_wire, {.close = true}},
                   {"Connection: x,keep-alive||"_wire, {.keep_alive = true}},
                   {"Connection: keep-alive , close||"_wire, {.close = true, .keep_alive = true}}});
    }

    TEST_CASE("may be spread over several field lines") {
        check_all({{"Connection: x|Connection: close||"_wire, {.close = true}},
                   {"Connection: close|A: b|Connection: y||"_wire, {.close = true}}});
    }

    TEST_CASE("may have empty options and white space") {
        check_all(
            {{"Connection:||"_wire, {}}, {"Connection: ,,, \t close\t ,||"_wire, {.close = true}}});
    }

    TEST_CASE("does not say close with an option that begins, ends or contains it") {
        check_all({{"Connection: closed||"_wire, {}},
                   {"Connection: clos||"_wire, {}},
                   {"Connection: close;x||"_wire, {}},
                   {"Connection: close x||"_wire, {}},
                   {"Connection: x close||"_wire, {}},
                   {"Connection: x-close||"_wire, {}},
                   {"Connection: \"close\"||"_wire, {}},
                   {"Connection: keep-alive2, keep||"_wire, {}}});
    }

    TEST_CASE("is not what a name that begins alike says") {
        check_all({{"Connection-X: close||"_wire, {}},
                   {"Connectio: close||"_wire, {}},
                   {"Proxy-Connection: close||"_wire, {}},
                   {"Keep-Alive: close||"_wire, {}}});
    }
}

}  // namespace
}  // namespace lastcall
