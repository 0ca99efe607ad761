// Claims about what is no request, or none that is read alike by everyone: refused at the byte
// marked "^", for its reason.

#include <lastcall/http1/message.hpp>

#include "followed.hpp"

namespace lastcall {
namespace {

// The last mark is the refused byte; events before it have theirs.
void check_all(Opaque reason, const std::vector<std::string>& rows) {
    for (const std::string& row : rows) {
        const Marked input = marked(row);
        at_every_split(input.text, [&](const Parts& parts) {
            RequestFollower follower;
            const Said heard = said(parts, [&](Bytes in) { return follower.follow(in); });
            CHECK(heard.events.ends_with("malformed"));
            CHECK(heard.places == input.marks);
            CHECK(heard.reason == reason);
        });
    }
}

TEST_SUITE("what is not HTTP/1 in a client's bytes") {
    TEST_CASE("a TLS record is known by its first byte") {
        check_all(Opaque::tls, {"^\x16\x03\x01\x02"_wire + "\x01", "|^\x16\x03"_wire,
                                "PROXY UNKNOWN|^\x16\x03\x01"_wire,
                                "||"_wire + std::string{"\0\r\nQUIT\n\x20\0\0\0^\x16\x03", 15}});
    }

    TEST_CASE("a TLS record behind a request is no TLS") {
        check_all(Opaque::not_http, {"GET / HTTP/1.1||^^^\x16\x03"_wire});
    }

    TEST_CASE("the HTTP/2 preface is known by its version (RFC 9113 3.4)") {
        check_all(Opaque::http2, {"PRI * HTTP/^2.0||SM||"_wire, "|PRI * HTTP/^2.0||"_wire,
                                  "PROXY UNKNOWN|PRI * HTTP/^2.0||SM||"_wire});
    }

    TEST_CASE("any other first bytes are nothing known") {
        check_all(Opaque::not_http,
                  {"^\0\0\0"_wire, "^\x80\x2e\x01"_wire, "^ GET / HTTP/1.1||"_wire,
                   "^\nGET / HTTP/1.1||"_wire, "SSH-2.0-x^|"_wire, "^{\"a\": 1}"_wire,
                   "^\x15\x03"_wire, "^:"_wire});
    }
}

TEST_SUITE("malformed request line (RFC 9112 3)") {
    TEST_CASE("the version is HTTP/1.0 or HTTP/1.1, in capitals (2.3)") {
        check_all(Opaque::not_http,
                  {"GET / HTTP/^0.9||"_wire, "GET / HTTP/^2.0||"_wire, "GET / HTTP/1.^2||"_wire,
                   "GET / HTTP/1.^9||"_wire, "GET / ^http/1.1||"_wire, "GET / H^ttp/1.1||"_wire,
                   "GET / HTTP^ /1.1||"_wire, "GET / HTTP/1^,1||"_wire, "GET / HTTP/1^1.1||"_wire,
                   "GET / HTTP/^01.1||"_wire, "GET / HTTP/1.^x||"_wire, "GET / HTTP^S/1.1||"_wire,
                   "GET / ^ICY/1.1||"_wire, "GET / HTTP/1^||"_wire, "GET / HTTP/1.^|"_wire});
    }

    TEST_CASE("a line without version is HTTP/0.9 and refused") {
        check_all(Opaque::not_http,
                  {"GET /^|"_wire, "GET ^|"_wire, "GET^|"_wire, "GET /^\n"_wire, "GET / ^|"_wire});
    }

    TEST_CASE("exactly one SP is between its parts") {
        check_all(Opaque::not_http, {"GET ^ / HTTP/1.1||"_wire, "GET^\t/ HTTP/1.1||"_wire,
                                     "GET /^\tHTTP/1.1||"_wire, "GET / ^ HTTP/1.1||"_wire,
                                     "GET /a ^b HTTP/1.1||"_wire, "GET ^\t/ HTTP/1.1||"_wire});
    }

    TEST_CASE("nothing but CRLF is behind the version") {
        check_all(Opaque::malformed_head,
                  {"GET / HTTP/1.1^ |"_wire, "GET / HTTP/1.1^\n|"_wire, "GET / HTTP/1.1^0||"_wire,
                   "GET / HTTP/1.1\r^ |"_wire, "GET / HTTP/1.1\r^\r\n|"_wire,
                   "GET / HTTP/1.1^\t|"_wire, "GET / HTTP/1.1^\0|"_wire});
    }

    TEST_CASE("the method is a token") {
        check_all(Opaque::not_http, {"G^\0ET / HTTP/1.1||"_wire, "G^\x7f / HTTP/1.1||"_wire,
                                     "GET^/ HTTP/1.1||"_wire, "^\"GET\" / HTTP/1.1||"_wire,
                                     "G^\x80 / HTTP/1.1||"_wire, "GET^\r / HTTP/1.1||"_wire});
    }

    TEST_CASE("the target has no control character (3.2)") {
        check_all(Opaque::not_http, {"GET /^\0 HTTP/1.1||"_wire, "GET ^\x01 HTTP/1.1||"_wire,
                                     "GET /^\v HTTP/1.1||"_wire, "GET /^\x7f HTTP/1.1||"_wire,
                                     "GET /^\r HTTP/1.1||"_wire});
    }

    TEST_CASE("an empty line before it ends with CRLF (2.2)") {
        check_all(Opaque::malformed_head, {"\r^GET / HTTP/1.1||"_wire, "|\r^\r\n"_wire});
    }
}

TEST_SUITE("malformed request head (RFC 9112 2.2, 5, 6)") {
    TEST_CASE("is refused for what its field section is refused for") {
        check_all(Opaque::malformed_head,
                  {"GET / HTTP/1.1|^\nGET / HTTP/1.1||"_wire, "GET / HTTP/1.1|A: b^\n||"_wire,
                   "GET / HTTP/1.1|A: b|^ c||"_wire, "GET / HTTP/1.1|A^ : b||"_wire,
                   "GET / HTTP/1.1|^: b||"_wire, "GET / HTTP/1.1|^ A: b||"_wire,
                   "GET / HTTP/1.1|A: ^\0||"_wire, "GET / HTTP/1.1|A: b\r^c||"_wire});
        check_all(Opaque::ambiguous_length,
                  {"GET / HTTP/1.1|Content-Length: 1|Content-Length: 2^||"_wire,
                   "GET / HTTP/1.1|Content-Length: 1|Transfer-Encoding: chunked|\r^\n"_wire});
        check_all(Opaque::unknown_coding,
                  {"GET / HTTP/1.1|Transfer-Encoding: gzip, chunked^||"_wire});
    }

    TEST_CASE("Transfer-Encoding in HTTP/1.0 is refused (6.1)") {
        check_all(Opaque::ambiguous_length,
                  {"PUT / HTTP/1.0|Transfer-Encoding: chunked||^0||"_wire});
    }

    TEST_CASE("is refused in any request, not just the first") {
        check_all(Opaque::ambiguous_length,
                  {"GET / HTTP/1.1||^^GET / HTTP/1.1|Content-Length: ^+1||"_wire});
        check_all(Opaque::not_http, {"PUT / HTTP/1.1|Content-Length: 1||^0^^\0"_wire,
                                     "GET / HTTP/1.1||^^||^\0\r\nQUIT\n"_wire,
                                     "GET / HTTP/1.1||^^PROXY TCP4 ^1.2.3.4"_wire});
    }

    TEST_CASE("a chunked body that is not one is refused") {
        check_all(Opaque::malformed_body,
                  {"PUT / HTTP/1.1|Transfer-Encoding: chunked||^1^ |0|0||"_wire,
                   "PUT / HTTP/1.1|Transfer-Encoding: chunked||^1|0^0||"_wire,
                   "PUT / HTTP/1.1|Transfer-Encoding: chunked||^1^\n0|0||"_wire});
    }
}

TEST_SUITE("malformed PROXY protocol header") {
    TEST_CASE("is no request either") {
        check_all(Opaque::not_http,
                  {"PROXY T^LS4 1 2 3 4|"_wire, "PROXY UNKNOWN^\n"_wire, "PROXY ^ TCP4|"_wire,
                   "||"_wire + std::string{"\0\r\nQUIT\n^\x11", 10}, "||\0^\n"_wire});
    }

    TEST_CASE("comes once and first") {
        check_all(Opaque::not_http,
                  {"PROXY UNKNOWN|PROXY UNKNOWN^|"_wire, "|PROXY TCP4 ^1.2.3.4 5.6.7.8 9 80|"_wire,
                   "|||^\0\r\nQUIT\n"_wire, "PROXY UNKNOWN|||^\0\r\nQUIT\n"_wire, "|^\0\r\n"_wire});
    }
}

}  // namespace
}  // namespace lastcall
