// Claims about following requests: where heads and messages end (the marks "^"), their kinds, and
// whether the connection persists. What is refused is in request_malformed_test.cpp.

#include <lastcall/http1/message.hpp>

#include "followed.hpp"

namespace lastcall {
namespace {

struct Row {
    std::string text;
    const char* events;
};

void check_all(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        const Marked input = marked(row.text);
        at_every_split(input.text, [&](const Parts& parts) {
            RequestFollower follower;
            const Said heard = said(parts, [&](Bytes in) { return follower.follow(in); });
            CHECK(heard.events == row.events);
            CHECK(heard.places == input.marks);
            CHECK(heard.reason == Opaque::no);
        });
    }
}

RequestFollower after_head(Bytes text) {
    RequestFollower follower;
    const Followed part = follower.follow(text);
    REQUIRE(part.event == Event::head);
    REQUIRE(part.taken == text.size());
    return follower;
}

TEST_SUITE("request (RFC 9112 3, 6)") {
    TEST_CASE("without a body ends with its head") {
        check_all({{"GET / HTTP/1.1||^^"_wire, "head message"},
                   {"GET / HTTP/1.1|Host: x||^^"_wire, "head message"},
                   {"OPTIONS * HTTP/1.0||^^"_wire, "head message"},
                   {"POST / HTTP/1.1|Content-Length: 0||^^"_wire, "head message"}});
    }

    TEST_CASE("with a counted body ends with the body's last byte") {
        check_all({{"POST / HTTP/1.1|Content-Length: 5||^01234^"_wire, "head message"},
                   {"GET / HTTP/1.1|Content-Length: 3||^GET^"_wire, "head message"},
                   {"HEAD / HTTP/1.1|Content-Length: 2, 2||^01^"_wire, "head message"}});
    }

    TEST_CASE("with a chunked body ends behind the last chunk and its trailers") {
        check_all({{"PUT / HTTP/1.1|Transfer-Encoding: chunked||^0||^"_wire, "head message"},
                   {"PUT / HTTP/1.1|Transfer-Encoding: chunked||^2;x|01|0|A: b||^"_wire,
                    "head message"}});
    }

    TEST_CASE("that expects 100 (Continue) has its body like any (RFC 9110 10.1.1)") {
        check_all(
            {{"PUT / HTTP/1.1|Expect: 100-continue|Content-Length: 2||^01^"_wire, "head message"}});
    }

    TEST_CASE("is followed by the next one (pipelining, RFC 9112 9.3.2)") {
        check_all({{"GET /a HTTP/1.1||^^GET /b HTTP/1.1||^^GET /c HTTP/1.0||^^"_wire,
                    "head message head message head message"},
                   {"PUT / HTTP/1.1|Content-Length: 1||^0^HEAD / HTTP/1.1||^^"_wire,
                    "head message head message"},
                   {"PUT / HTTP/1.1|Transfer-Encoding: chunked||^0||^GET / HTTP/1.1||^^"_wire,
                    "head message head message"}});
    }

    TEST_CASE("may have empty lines before it (2.2)") {
        check_all({{"|GET / HTTP/1.1||^^"_wire, "head message"},
                   {"|||||GET / HTTP/1.1||^^"_wire, "head message"},
                   {"PUT / HTTP/1.1|Content-Length: 1||^0^|GET / HTTP/1.1||^^"_wire,
                    "head message head message"}});
    }

    TEST_CASE("may have any token as its method and any visible text as its target (3.1, 3.2)") {
        check_all({{"M-SEARCH * HTTP/1.1||^^"_wire, "head message"},
                   {"get / HTTP/1.1||^^"_wire, "head message"},
                   {"!#$%&'*+-.`~ / HTTP/1.1||^^"_wire, "head message"},
                   {"GET http://x:80/?q=\"<>\\{}\" HTTP/1.1||^^"_wire, "head message"},
                   {"GET /caf\xc3\xa9 HTTP/1.1||^^"_wire, "head message"}});
    }

    TEST_CASE("is incomplete until its head ends") {
        check_all({{"G"_wire, ""},
                   {"GET / HTTP/1.1"_wire, ""},
                   {"GET / HTTP/1.1|"_wire, ""},
                   {"GET / HTTP/1.1|Host: x|\r"_wire, ""}});
    }

    TEST_CASE("with a method or a target of any length is followed") {
        RequestFollower follower;
        const std::string text =
            std::string(70000, 'M') + ' ' + std::string(70000, '/') + " HTTP/1.1\r\n\r\n";
        CHECK(follower.follow(text).event == Event::head);
    }
}

TEST_SUITE("kind of request") {
    TEST_CASE("is told by the method, in its letter case (RFC 9110 9.1)") {
        const auto kind = [](Bytes method) {
            return after_head(std::string{method} + " x:1 HTTP/1.1\r\n\r\n").kind();
        };
        CHECK(kind("HEAD") == RequestKind::head);
        CHECK(kind("CONNECT") == RequestKind::connect);
        for (const Bytes method : {"GET", "head", "Connect", "HEA", "HEADS", "XHEAD", "CONNECTED",
                                   "PRI", "PROXY", "PRO"}) {
            CAPTURE(method);
            CHECK(kind(method) == RequestKind::ordinary);
        }
    }

    TEST_CASE("is the newest head's") {
        RequestFollower follower = after_head("HEAD / HTTP/1.1\r\n\r\n");
        CHECK(follower.follow({}).event == Event::message);
        CHECK(follower.follow("GET / HTTP/1.1\r\n\r\n").event == Event::head);
        CHECK(follower.kind() == RequestKind::ordinary);
    }
}

TEST_SUITE("persistence (RFC 9112 9.3)") {
    bool persists_after(std::string head) { return after_head(head).persists(); }

    TEST_CASE("an HTTP/1.1 connection persists unless a request says close") {
        CHECK(persists_after("GET / HTTP/1.1||"_wire));
        CHECK(persists_after("GET / HTTP/1.1|Connection: keep-alive||"_wire));
        CHECK_FALSE(persists_after("GET / HTTP/1.1|Connection: close||"_wire));
        CHECK_FALSE(persists_after("GET / HTTP/1.1|Connection: keep-alive, close||"_wire));
    }

    TEST_CASE("an HTTP/1.0 connection persists only if a request says keep-alive") {
        CHECK_FALSE(persists_after("GET / HTTP/1.0||"_wire));
        CHECK(persists_after("GET / HTTP/1.0|Connection: Keep-Alive||"_wire));
        CHECK_FALSE(persists_after("GET / HTTP/1.0|Connection: keep-alive, close||"_wire));
    }

    TEST_CASE("is decided by each request anew") {
        RequestFollower follower = after_head("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
        CHECK(follower.follow({}).event == Event::message);
        CHECK(follower.follow("GET / HTTP/1.1\r\n\r\n").event == Event::head);
        CHECK(follower.persists());
    }
}

TEST_SUITE("request behind a PROXY protocol header") {
    const std::string binary = "||"_wire + std::string{"\0\r\nQUIT\n\x21\x11\0\x04", 12} + "abcd";
    const std::string local = "||"_wire + std::string{"\0\r\nQUIT\n\x20\0\0\0", 12};

    TEST_CASE("is followed like any") {
        check_all({{"PROXY TCP4 1.2.3.4 5.6.7.8 9 80|GET / HTTP/1.1||^^"_wire, "head message"},
                   {"PROXY UNKNOWN|GET / HTTP/1.1||^^"_wire, "head message"},
                   {binary + "GET / HTTP/1.1||^^"_wire, "head message"},
                   {local + "GET / HTTP/1.1||^^"_wire, "head message"}});
    }

    TEST_CASE("may have empty lines before it") {
        check_all({{"PROXY UNKNOWN|||GET / HTTP/1.1||^^"_wire, "head message"},
                   {local + "|||GET / HTTP/1.1||^^"_wire, "head message"}});
    }

    TEST_CASE("is none while the header is not at its end") {
        check_all({{"PROXY TCP4 1.2.3.4 5.6.7.8 9 80"_wire, ""},
                   {std::string{binary, 0, binary.size() - 1}, ""},
                   {"||"_wire, ""}});
    }
}

}  // namespace
}  // namespace lastcall
