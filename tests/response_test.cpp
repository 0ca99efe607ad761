// Claims about following responses: status lines, interim and final heads, bodies, and whether the
// connection persists. The marks "^" are where each event comes.

#include <lastcall/http1/message.hpp>

#include "followed.hpp"

namespace lastcall {
namespace {

constexpr auto ordinary = RequestKind::ordinary;
constexpr auto head = RequestKind::head;
constexpr auto connect = RequestKind::connect;

struct Row {
    std::string text;
    const char* events;
};

void check_all(const std::vector<Row>& rows, RequestKind request = ordinary,
               Opaque reason = Opaque::no) {
    for (const Row& row : rows) {
        const Marked input = marked(row.text);
        at_every_split(input.text, [&](const Parts& parts) {
            ResponseFollower follower;
            const Said heard = said(parts, [&](Bytes in) { return follower.follow(in, request); });
            CHECK(heard.events == row.events);
            CHECK(heard.places == input.marks);
            CHECK(heard.reason == reason);
        });
    }
}

constexpr auto whole = "status-line head message";

TEST_SUITE("response (RFC 9112 4, 6)") {
    TEST_CASE("with a counted body ends with the body's last byte") {
        check_all({{"HTTP/1.1 200 OK|^Content-Length: 5||^01234^"_wire, whole},
                   {"HTTP/1.0 200 OK|^Content-Length: 5||^01234^"_wire, whole},
                   {"HTTP/1.1 404 No|^Content-Length: 0||^^"_wire, whole}});
    }

    TEST_CASE("with a chunked body ends behind the last chunk and its trailers") {
        check_all({{"HTTP/1.1 200 OK|^Transfer-Encoding: chunked||^0||^"_wire, whole},
                   {"HTTP/1.1 200 OK|^Transfer-Encoding: chunked||^1;x|0|0|A: b||^"_wire, whole}});
    }

    TEST_CASE("without a length lasts until close (6.3 (8))") {
        check_all({{"HTTP/1.1 200 OK|^|^HTTP/1.1 200 OK||"_wire, "status-line head"},
                   {"HTTP/1.0 200 OK|^Connection: close||^x"_wire, "status-line head"}});
    }

    TEST_CASE("to HEAD ends with its head, whatever its fields say (6.3 (1))") {
        check_all({{"HTTP/1.1 200 OK|^Content-Length: 5||^^"_wire, whole},
                   {"HTTP/1.1 200 OK|^Transfer-Encoding: chunked||^^"_wire, whole},
                   {"HTTP/1.1 200 OK|^|^^"_wire, whole}},
                  head);
    }

    TEST_CASE("with 204 or 304 ends with its head, whatever its fields say (6.3 (1))") {
        check_all({{"HTTP/1.1 204 No Content|^|^^"_wire, whole},
                   {"HTTP/1.1 204 No Content|^Content-Length: 5||^^"_wire, whole},
                   {"HTTP/1.1 304 Not Modified|^Content-Length: 5||^^"_wire, whole},
                   {"HTTP/1.1 304 Not Modified|^Transfer-Encoding: chunked||^^"_wire, whole}});
    }

    TEST_CASE("is followed by the next one") {
        check_all({{"HTTP/1.1 204 a|^|^^HTTP/1.1 200 b|^Content-Length: 1||^x^"_wire,
                    "status-line head message status-line head message"}});
    }

    TEST_CASE("may have interim responses before it, any number (RFC 9110 15.2)") {
        check_all({{"HTTP/1.1 100 Continue|^|^HTTP/1.1 204 x|^|^^"_wire,
                    "status-line interim status-line head message"},
                   {"HTTP/1.1 103 a|^Link: b||^HTTP/1.1 199 c|^|^HTTP/1.1 100 d|^|^"_wire,
                    "status-line interim status-line interim status-line interim"}});
    }

    TEST_CASE("with 101 is final: the protocol switches (RFC 9110 15.2.2)") {
        check_all({{"HTTP/1.1 101 Switching|^Upgrade: x||^^"_wire, whole}});
    }

    TEST_CASE("to CONNECT that refuses has a body like any") {
        check_all({{"HTTP/1.1 407 No|^Content-Length: 2||^no^"_wire, whole}}, connect);
    }

    TEST_CASE("may have a reason of any text, or none (4)") {
        check_all({{"HTTP/1.1 204 |^|^^"_wire, whole},
                   {"HTTP/1.1 204|^|^^"_wire, whole},
                   {"HTTP/1.1 204 caf\xc3\xa9 \t x|^|^^"_wire, whole},
                   {"HTTP/1.1 999 x|^Content-Length: 0||^^"_wire, whole}});
    }

    TEST_CASE("may have a status line in lower case, with several SP, or ended by LF") {
        check_all({{"http/1.1 204 x|^|^^"_wire, whole},
                   {"HtTp/1.0 204 x|^|^^"_wire, whole},
                   {"HTTP/1.1   204 x|^|^^"_wire, whole},
                   {"HTTP/1.1 204 x\n^|^^"_wire, whole},
                   {"HTTP/1.1 204 \n^\n^^"_wire, whole},
                   {"HTTP/1.1 204\n^A: b\n\n^^"_wire, whole}});
    }

    TEST_CASE("without a body may say any length, or several (6.3 (1))") {
        const std::string fields =
            "Content-Length: x|Content-Length : 1| 2|Content-Length: 3|"
            "Transfer-Encoding: identity, chunked|"_wire;
        check_all({{"HTTP/1.1 304 x|^Content-Length: 5|Transfer-Encoding: chunked||^^"_wire, whole},
                   {"HTTP/1.1 204 x|^"_wire + fields + "|^^"_wire, whole},
                   {"HTTP/1.0 304 x|^"_wire + fields + "|^^"_wire, whole},
                   {"HTTP/1.1 103 x|^"_wire + fields + "|^"_wire, "status-line interim"}});
        check_all({{"HTTP/1.1 200 x|^"_wire + fields + "|^^"_wire, whole}}, head);
    }

    TEST_CASE("behind one without a body is read as any") {
        check_all(
            {{"HTTP/1.1 304 x|^Content-Length: x||^^HTTP/1.1 200 x|^Content-Length: 1||^x^"_wire,
              "status-line head message status-line head message"}});
        check_all({{"HTTP/1.1 304 x|^A: b||^^HTTP/1.1 200 x|^Content-Length: ^x||"_wire,
                    "status-line head message status-line malformed"}},
                  ordinary, Opaque::ambiguous_length);
    }

    TEST_CASE("with coded content in chunks ends behind the last chunk") {
        check_all({{"HTTP/1.1 200 OK|^Transfer-Encoding: gzip, chunked||^1|x|0||^"_wire, whole}});
    }

    TEST_CASE("is incomplete until its head ends") {
        check_all({{"HTTP/1.1 20"_wire, ""}, {"HTTP/1.1 200 OK|^\r"_wire, "status-line"}});
    }
}

TEST_SUITE("malformed response (RFC 9112 4)") {
    TEST_CASE("a status line that is not HTTP/1.0 or HTTP/1.1 is refused") {
        check_all({{"HTTP/^2 200|"_wire, "malformed"},
                   {"HTTP/1.^2 200 OK||"_wire, "malformed"},
                   {"HTTP/^0.9 200 OK||"_wire, "malformed"},
                   {"HTTP^ /1.1 200 OK||"_wire, "malformed"},
                   {"^ICY 200 OK||"_wire, "malformed"},
                   {"^<html>"_wire, "malformed"},
                   {"^|HTTP/1.1 200 OK||"_wire, "malformed"}},
                  ordinary, Opaque::not_http);
    }

    TEST_CASE("a status code that is not three digits is refused") {
        check_all({{"HTTP/1.1 ^020 x||"_wire, "malformed"},
                   {"HTTP/1.1 20^ OK||"_wire, "malformed"},
                   {"HTTP/1.1 200^0 OK||"_wire, "malformed"},
                   {"HTTP/1.1 ^\t200 OK||"_wire, "malformed"},
                   {"HTTP/1.1^\t200 OK||"_wire, "malformed"},
                   {"HTTP/1.1 2^x0 OK||"_wire, "malformed"},
                   {"HTTP/1.1 ^-20 OK||"_wire, "malformed"},
                   {"HTTP/1.1 200^\tOK||"_wire, "malformed"}},
                  ordinary, Opaque::not_http);
    }

    TEST_CASE("a status line with NUL, or with CR and no LF, is refused") {
        check_all({{"HTTP/1.1 200^\0OK||"_wire, "malformed"},
                   {"HTTP/1.1 200 OK\r^A: b||"_wire, "malformed"},
                   {"HTTP/1.1 200\r^ OK|"_wire, "malformed"},
                   {"HTTP/1.1 200 O^\0K||"_wire, "malformed"}},
                  ordinary, Opaque::malformed_head);
    }

    TEST_CASE("a field section is refused in an interim head as in a final one") {
        check_all({{"HTTP/1.1 200 OK|^Connection: b|^ c||"_wire, "status-line malformed"},
                   {"HTTP/1.1 100 x|^Connection ^: b||"_wire, "status-line malformed"},
                   {"HTTP/1.1 204 x|^A^||"_wire, "status-line malformed"}},
                  ordinary, Opaque::malformed_head);
        check_all({{"HTTP/1.1 200 x|^Content-Length: ^x||"_wire, "status-line malformed"}},
                  ordinary, Opaque::ambiguous_length);
    }

    TEST_CASE("Transfer-Encoding in HTTP/1.0 is refused (6.1)") {
        check_all(
            {{"HTTP/1.0 200 OK|^Transfer-Encoding: chunked||^0||"_wire, "status-line malformed"}},
            ordinary, Opaque::ambiguous_length);
    }

    TEST_CASE("a body behind a bodyless response is no response") {
        check_all({{"HTTP/1.1 200 OK|^Content-Length: 5||^^^body"_wire,
                    "status-line head message malformed"}},
                  head, Opaque::not_http);
    }
}

TEST_SUITE("persistence (RFC 9112 9.3)") {
    bool persists_after(Bytes fields, Bytes version) {
        ResponseFollower follower;
        const std::string text = std::string{version} + " 200 OK\r\n" + std::string{fields};
        REQUIRE(follower.follow(text, ordinary).event == Event::status_line);
        REQUIRE(follower.status() == 200);
        REQUIRE(follower.follow(from(text, version.size() + 9), ordinary).event == Event::head);
        return follower.persists();
    }

    TEST_CASE("an HTTP/1.1 response lets the connection persist unless it says close") {
        CHECK(persists_after("|"_wire, "HTTP/1.1"));
        CHECK_FALSE(persists_after("Connection: close||"_wire, "HTTP/1.1"));
        CHECK_FALSE(
            persists_after("Connection: keep-alive|connection: x, Close||"_wire, "HTTP/1.1"));
    }

    TEST_CASE("an HTTP/1.0 response lets it persist only with keep-alive") {
        CHECK_FALSE(persists_after("|"_wire, "HTTP/1.0"));
        CHECK(persists_after("Connection: keep-alive||"_wire, "HTTP/1.0"));
        CHECK_FALSE(persists_after("Connection: keep-alive, close||"_wire, "HTTP/1.0"));
    }
}

TEST_SUITE("place in a response") {
    TEST_CASE("is between responses behind empty lines, and has not begun behind their CR") {
        at_every_split("\r\n\n\r", [](const Parts& parts) {
            ResponseFollower follower;
            for (const Bytes part : parts) CHECK(follower.skip_empty_lines(part) == part.size());
            CHECK_FALSE(follower.begun());
            CHECK_FALSE(follower.between());
            CHECK(follower.skip_empty_lines("\nHTTP/1.1") == 1);
            CHECK(follower.between());
            CHECK(follower.skip_empty_lines("HTTP/1.1") == 0);
        });
    }

    TEST_CASE("is in no empty line within a response") {
        ResponseFollower follower;
        CHECK(follower.follow("HTTP/1.1 200 OK\r\n", ordinary).event == Event::status_line);
        CHECK(follower.skip_empty_lines("\r\n") == 0);
        CHECK(follower.begun());
    }

    TEST_CASE("is between responses before the first byte and behind the last") {
        ResponseFollower follower;
        CHECK(follower.between());
        CHECK(follower.follow("HTTP/1.1 200 OK\r\n", ordinary).event == Event::status_line);
        CHECK_FALSE(follower.between());
        CHECK(follower.in_fields());
        CHECK(follower.follow("Content-Length: 1\r\n\r\n", ordinary).event == Event::head);
        CHECK(follower.in_body());
        CHECK(follower.follow("x", ordinary).event == Event::message);
        CHECK(follower.between());
    }
}

}  // namespace
}  // namespace lastcall
