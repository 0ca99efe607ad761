// Claims about the request side of a conversation: which request is the last, and how much of what
// arrives is the server's (up to the mark "^").

#include <lastcall/http1/requests.hpp>

#include "conversation.hpp"
#include "wire.hpp"

namespace lastcall {
namespace {

struct Row {
    std::uint32_t limit;
    std::string text;
    std::uint32_t begun;
    bool over;
};

void check_all(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        const Marked input = marked(row.text);
        at_every_split(input.text, [&](const Parts& parts) {
            Arrivals arrivals;
            for (const Bytes part : parts) CHECK(arrivals.read(part, {.requests = row.limit}));
            CHECK(arrivals.delivered == input.marks[0]);
            CHECK(arrivals.reason == Opaque::no);
            CHECK(arrivals.exchanges.begun() == row.begun);
            CHECK(arrivals.requests.over() == row.over);
            const bool tunnel = arrivals.exchanges.kind(row.begun) == RequestKind::connect;
            const bool picked = row.begun == row.limit && !tunnel;
            CHECK(arrivals.exchanges.last() == (picked ? row.limit : 0));
        });
    }
}

// Everything is the server's: the connection is opaque.
void check_opaque(Opaque reason, std::uint32_t limit, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
        at_every_split(text, [&](const Parts& parts) {
            Arrivals arrivals;
            for (const Bytes part : parts) CHECK(arrivals.read(part, {.requests = limit}));
            CHECK(arrivals.delivered == text.size());
            CHECK(arrivals.reason == reason);
            CHECK_FALSE(arrivals.requests.over());
        });
    }
}

const std::string get = "GET / HTTP/1.1|Host: x||"_wire;
const std::string put = "PUT / HTTP/1.1|Content-Length: 3||GET"_wire;
const std::string chunked = "PUT / HTTP/1.1|Transfer-Encoding: chunked||1|0|0||"_wire;

TEST_SUITE("last request") {
    TEST_CASE("is the one that reaches the limit") {
        check_all({{1, get + "^" + get, 1, true},
                   {2, get + get + "^" + get + get, 2, true},
                   {3, get + put + get + "^" + get, 3, true},
                   {2, "GET / HTTP/1.0|Connection: keep-alive||"_wire + get + "^x", 2, true}});
    }

    TEST_CASE("is none before the limit") {
        check_all({{2, get + "^", 1, false},
                   {3, get + get + "^", 2, false},
                   {2, get + "GET / HTTP/1.1|Host: x|^"_wire, 1, false},
                   {2147483647, get + get + get + "^", 3, false}});
    }

    TEST_CASE("is none without a limit") { check_all({{0, get + get + get + "^", 3, false}}); }

    TEST_CASE("is delivered with its whole body") {
        check_all(
            {{1, put + "^" + get, 1, true},
             {1, chunked + "^" + get, 1, true},
             {2, chunked + put + "^more", 2, true},
             {1, "PUT / HTTP/1.1|Expect: 100-continue|Content-Length: 2||01^2"_wire, 1, true}});
    }

    TEST_CASE("is not over before its body's last byte") {
        check_all({{1, "PUT / HTTP/1.1|Content-Length: 3||GE^"_wire, 1, false},
                   {1, "PUT / HTTP/1.1|Transfer-Encoding: chunked||0|^"_wire, 1, false}});
    }

    TEST_CASE("has nothing behind it, not even what is no request") {
        check_all({{1, get + "^\x16\x03\x01", 1, true},
                   {1, get + "^|"_wire, 1, true},
                   {1, get + "^GET / HTTP/9.9||"_wire, 1, true},
                   {2, put + put + "^" + std::string(1, '\0'), 2, true}});
    }

    TEST_CASE("may stand behind empty lines and a PROXY protocol header") {
        check_all({{1, "PROXY TCP4 1.2.3.4 5.6.7.8 9 80|"_wire + get + "^" + get, 1, true},
                   {2, "|"_wire + get + "||"_wire + get + "^|"_wire, 2, true}});
    }

    TEST_CASE("says whether the connection would have persisted (RFC 9112 9.3)") {
        const auto persists = [](std::string text) {
            Arrivals arrivals;
            CHECK(arrivals.read(text, {.requests = 1}));
            CHECK(arrivals.exchanges.last() == 1);
            return arrivals.exchanges.last_persists();
        };
        CHECK(persists(get));
        CHECK_FALSE(persists("GET / HTTP/1.1|Connection: close||"_wire));
        CHECK_FALSE(persists("GET / HTTP/1.0||"_wire));
        CHECK(persists("GET / HTTP/1.0|Connection: keep-alive||"_wire));
    }

    TEST_CASE("is picked with its head, before its body") {
        Arrivals arrivals;
        CHECK(arrivals.read("PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r", {.requests = 1}));
        CHECK(arrivals.exchanges.last() == 0);
        CHECK(arrivals.read("\n", {.requests = 1}));
        CHECK(arrivals.exchanges.last() == 1);
        CHECK_FALSE(arrivals.requests.over());
    }
}

TEST_SUITE("CONNECT (RFC 9110 9.3.6)") {
    const std::string connect = "CONNECT x:1 HTTP/1.1|Host: x||"_wire;

    TEST_CASE("is never the last request") {
        check_all({{1, connect + "^", 1, false}});
        Arrivals arrivals;
        CHECK(arrivals.read(connect, {.requests = 1}));
        CHECK(arrivals.exchanges.last() == 0);
    }

    TEST_CASE("not yet answered, makes what is behind it a tunnel's") {
        check_opaque(Opaque::tunnel, 1, {connect + get, connect + "\x16\x03\x01", connect + "x"});
        check_opaque(Opaque::tunnel, 3, {get + connect + get});
    }

    TEST_CASE("refused, leaves the next request to be the last") {
        Arrivals arrivals;
        CHECK(arrivals.read(connect, {.requests = 1}));
        arrivals.exchanges.answered(1);
        CHECK(arrivals.read(get + get, {.requests = 1}));
        CHECK(arrivals.reason == Opaque::no);
        CHECK(arrivals.exchanges.last() == 2);
        CHECK(arrivals.delivered == connect.size() + get.size());
    }

    TEST_CASE("with a body has that body first") {
        const std::string text = "CONNECT x:1 HTTP/1.1|Content-Length: 2||01"_wire;
        check_all({{1, text + "^", 1, false}});
        check_opaque(Opaque::tunnel, 1, {text + "2"});
    }
}

TEST_SUITE("requests that are not understood") {
    TEST_CASE("are the server's, whole") {
        check_opaque(Opaque::tls, 1, {"\x16\x03\x01\x02"});
        check_opaque(Opaque::http2, 1, {"PRI * HTTP/2.0||SM||"_wire});
        check_opaque(Opaque::not_http, 2, {get + "\x16\x03\x01", "GET /|"_wire + get});
        check_opaque(Opaque::malformed_head, 1, {"GET / HTTP/1.1|A : b||"_wire + get});
        check_opaque(Opaque::malformed_body, 2,
                     {get + chunked.substr(0, chunked.size() - 2) + get});
        check_opaque(Opaque::ambiguous_length, 1,
                     {"PUT / HTTP/1.1|Content-Length: 3|Transfer-Encoding: chunked||0||"_wire + get,
                      "PUT / HTTP/1.0|Transfer-Encoding: chunked||0||"_wire + get});
        check_opaque(Opaque::unknown_coding, 1,
                     {"PUT / HTTP/1.1|Transfer-Encoding: chunked, chunked||0||"_wire + get});
    }

    TEST_CASE("are too many with a ninth HEAD outstanding") {
        const std::string head = "HEAD / HTTP/1.1||"_wire;
        check_opaque(Opaque::too_many, 20, {repeated(head, 9) + get});
        check_all({{9, repeated(head, 8) + get + "^" + get, 9, true}});
    }
}

TEST_SUITE("request body that passes unseen") {
    TEST_CASE("is what is left of it, or of its chunk") {
        Arrivals arrivals;
        CHECK(arrivals.requests.countable() == 0);
        CHECK(arrivals.read("PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\n0", {.requests = 9}));
        CHECK(arrivals.requests.countable() == 4);
        arrivals.requests.skip(3);
        CHECK(arrivals.requests.countable() == 1);
        arrivals.requests.skip(1);
        CHECK(arrivals.requests.countable() == 0);
        CHECK_FALSE(arrivals.requests.over());
        CHECK(arrivals.read(chunked.substr(0, chunked.size() - 8), {.requests = 9}));
        CHECK(arrivals.requests.countable() == 1);
        arrivals.requests.skip(1);
        CHECK(arrivals.requests.countable() == 0);
        CHECK(arrivals.read("\r\n0\r\n\r\n" + get, {.requests = 9}));
        CHECK(arrivals.exchanges.begun() == 3);
        CHECK(arrivals.reason == Opaque::no);
    }

    TEST_CASE("may be the last request's, and ends it") {
        Arrivals arrivals;
        CHECK(arrivals.read("PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\n", {.requests = 1}));
        arrivals.requests.skip(5);
        CHECK(arrivals.requests.over());
        CHECK(arrivals.requests.countable() == 0);
        CHECK(arrivals.read(get, {.requests = 1}));
    }
}

}  // namespace
}  // namespace lastcall
