// Claims about requests whose content may have no framing: none is ever the last one, and the next
// is asked again.

#include <lastcall/http1/requests.hpp>

#include "conversation.hpp"
#include "wire.hpp"

namespace lastcall {
namespace {

const std::string get = "GET / HTTP/1.1|Host: x||"_wire;
const std::string source = "SOURCE /a HTTP/1.0|Content-Type: audio/ogg||"_wire;
const std::string put = "PUT /a HTTP/1.1|Host: x|Expect: 100-continue||"_wire;

// With a limit of one, the request with this number is the last of the text's.
void last_is(std::uint32_t number, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
        at_every_split(text, [&](const Parts& parts) {
            Arrivals arrivals;
            for (const Bytes part : parts) CHECK(arrivals.read(part, {.requests = 1}));
            CHECK(arrivals.reason == Opaque::no);
            CHECK(arrivals.exchanges.last() == number);
        });
    }
}

void none_is_last_of(const std::vector<std::string>& texts) { last_is(0, texts); }

TEST_SUITE("request that may have content without framing") {
    TEST_CASE("is never the last by a method that nobody has registered") {
        none_is_last_of({source, "PURGE / HTTP/1.1|Host: x||"_wire, "get / HTTP/1.1||"_wire,
                         "GETS / HTTP/1.1||"_wire, "PRI * HTTP/1.1||"_wire,
                         "PROXY / HTTP/1.1||"_wire, "a!#b / HTTP/1.1|Content-Length: 0||"_wire,
                         "SOURCE / HTTP/1.1|Transfer-Encoding: chunked||0||"_wire});
    }

    TEST_CASE("is never the last by an Expect field without a length (RFC 9110 10.1.1)") {
        none_is_last_of({put, "PUT / HTTP/1.0|expect:100-continue||"_wire,
                         "POST / HTTP/1.1|Expect: 100-continue|Connection: close||"_wire,
                         "PATCH / HTTP/1.1|X-Odd: caf\xc3\xa9|Expect: x|X: y||"_wire});
    }

    TEST_CASE("is the last as ever with Expect and a length") {
        last_is(1, {"PUT / HTTP/1.1|Expect: 100-continue|Content-Length: 2||hi"_wire,
                    "PUT / HTTP/1.1|Content-Length: 0|Expect: 100-continue||"_wire,
                    "PUT / HTTP/1.1|Expect: 100-continue|Transfer-Encoding: chunked||0||"_wire,
                    "PUT / HTTP/1.1|Expect-CT: x|Host: x||"_wire});
    }

    TEST_CASE("is the last as ever by a registered method, WebDAV's among them") {
        last_is(1, {get, "PROPFIND / HTTP/1.1|Content-Length: 1||x"_wire,
                    "UPDATEREDIRECTREF / HTTP/1.1||"_wire, "VERSION-CONTROL / HTTP/1.1||"_wire,
                    "HEAD / HTTP/1.1||"_wire, "|"_wire + "ACL / HTTP/1.1||"_wire,
                    "PROXY UNKNOWN|"_wire + "REPORT / HTTP/1.1||"_wire});
    }

    TEST_CASE("leaves the next one to be the last") {
        last_is(
            2, {source + get, put + get + get, "PURGE / HTTP/1.1|Content-Length: 1||x"_wire + get});
        last_is(3, {source + put + get, put + put + "HEAD / HTTP/1.1||"_wire + get});
    }

    TEST_CASE("leaves its content to the server, and the connection alone if that is no request") {
        at_every_split(source + "\x80\xff OggS \x01", [&](const Parts& parts) {
            Arrivals arrivals;
            std::size_t fed = 0;
            for (const Bytes part : parts) CHECK(arrivals.read(part, {.requests = 1}));
            for (const Bytes part : parts) fed += part.size();
            CHECK(arrivals.delivered == fed);
            CHECK(arrivals.reason == Opaque::not_http);
            CHECK(arrivals.exchanges.last() == 0);
        });
    }

    TEST_CASE("counts as an exchange, and before the limit is like any") {
        Arrivals arrivals;
        CHECK(arrivals.read(source + put + get, {.requests = 3}));
        CHECK(arrivals.exchanges.begun() == 3);
        CHECK(arrivals.exchanges.last() == 3);
    }

    TEST_CASE("costs nothing of the rate budget and is not counted as put off by it") {
        Budget budget;
        Exchanges exchanges;
        Requests requests;
        const Terms terms({.requests = 1, .rate = 1}, 0, budget, false);
        CHECK_FALSE(requests.take(source + put, exchanges, terms).picked.any());
        CHECK(requests.take(get, exchanges, terms).picked.requests == 1);
    }

    TEST_CASE("is not counted in observation") {
        Budget budget;
        Exchanges exchanges;
        Requests requests;
        const Terms terms({.requests = 2}, 0, budget, true);
        CHECK_FALSE(requests.take(get + source + put, exchanges, terms).picked.any());
        CHECK(requests.take(get + get, exchanges, terms).picked.requests == 1);
    }

    TEST_CASE("may be one whose head was not due when its first part came") {
        Arrivals arrivals;
        CHECK(arrivals.read("GET / HTTP/1.1\r\nA: b\r\n", {.requests = 2}));
        CHECK(arrivals.read("C: d\r\n\r\n", {.requests = 1}));
        CHECK(arrivals.exchanges.last() == 0);
        CHECK(arrivals.read(get, {.requests = 1}));
        CHECK(arrivals.exchanges.last() == 2);
    }

    TEST_CASE("is seen by a peek as by a read") {
        for (const std::string& first_one : {source, put, get}) {
            Arrivals arrivals;
            Exchanges exchanges;
            Requests copy = arrivals.requests;
            const std::string text = first_one + get + get;
            const std::size_t seen = copy.peek(text, exchanges, Policy{.requests = 1}).delivered;
            CHECK(arrivals.read(text, {.requests = 1}));
            CHECK(seen == arrivals.delivered);
        }
    }
}

}  // namespace
}  // namespace lastcall
