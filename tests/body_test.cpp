// Claims about message body length, as a decision and as a place in the bytes. The chunked framing
// is in chunked_test.cpp.

#include <lastcall/http1/body.hpp>

#include "followed.hpp"

namespace lastcall {
namespace {

constexpr FramingFields neither{};
constexpr FramingFields chunked{.chunked = true};
constexpr FramingFields counted(std::uint64_t length) {
    return {.length = length, .has_length = true};
}

constexpr auto ordinary = RequestKind::ordinary;
constexpr auto head = RequestKind::head;

Progress followed_body(Body& body, const Parts& parts) {
    return followed(parts, [&](Bytes in) { return body.follow(in); });
}

TEST_SUITE("message body length (RFC 9112 6.3)") {
    TEST_CASE("a request with neither Content-Length nor Transfer-Encoding has no body (7)") {
        CHECK(request_body_end(neither) == BodyEnd::none);
    }

    TEST_CASE("a request's body is counted by Content-Length (6)") {
        CHECK(request_body_end(counted(1)) == BodyEnd::counted);
        CHECK(request_body_end(counted(0)) == BodyEnd::none);
    }

    TEST_CASE("a request's body is chunked if Transfer-Encoding says so (4)") {
        CHECK(request_body_end(chunked) == BodyEnd::chunked);
    }

    TEST_CASE("a response to HEAD has no body, whatever its fields say (1)") {
        for (const FramingFields& fields : {neither, counted(5), chunked}) {
            CHECK(response_body_end(head, 200, fields) == BodyEnd::none);
            CHECK(response_body_end(head, 404, fields) == BodyEnd::none);
        }
    }

    TEST_CASE("a 1xx, 204 or 304 response has no body, whatever its fields say (1)") {
        for (const int status : {100, 101, 103, 199, 204, 304}) {
            for (const FramingFields& fields : {neither, counted(5), chunked}) {
                CHECK(response_body_end(ordinary, status, fields) == BodyEnd::none);
            }
        }
    }

    TEST_CASE("a response of any other status has the body that its fields say") {
        for (const int status : {200, 201, 203, 205, 206, 301, 303, 305, 400, 404, 500, 999}) {
            CHECK(response_body_end(ordinary, status, chunked) == BodyEnd::chunked);      // (4)
            CHECK(response_body_end(ordinary, status, counted(5)) == BodyEnd::counted);   // (6)
            CHECK(response_body_end(ordinary, status, counted(0)) == BodyEnd::none);      // (6)
            CHECK(response_body_end(ordinary, status, neither) == BodyEnd::until_close);  // (8)
        }
    }

    TEST_CASE("a response to CONNECT that refuses has a body like any") {
        CHECK(response_body_end(RequestKind::connect, 407, counted(5)) == BodyEnd::counted);
        CHECK(response_body_end(RequestKind::connect, 502, neither) == BodyEnd::until_close);
    }
}

TEST_SUITE("message body (RFC 9112 6)") {
    TEST_CASE("none at all is complete with no byte") {
        Body body;
        body.begin(BodyEnd::none, 0);
        CHECK(body.done());
        CHECK(body.countable() == 0);
        CHECK(body.follow({}).outcome == Outcome::complete);
        CHECK(body.follow("GET / HTTP/1.1").taken == 0);
    }

    TEST_CASE("counted, it is complete with its last byte") {
        at_every_split("0123456789GET / HTTP/1.1", [](const Parts& parts) {
            Body body;
            body.begin(BodyEnd::counted, 10);
            const Progress end = followed_body(body, parts);
            CHECK(end.outcome == Outcome::complete);
            CHECK(end.taken == 10);
            CHECK(body.done());
        });
    }

    TEST_CASE("counted, it is incomplete before its last byte") {
        at_every_split("012345678", [](const Parts& parts) {
            Body body;
            body.begin(BodyEnd::counted, 10);
            CHECK(followed_body(body, parts).outcome == Outcome::incomplete);
            CHECK(body.countable() == 1);
            CHECK_FALSE(body.done());
        });
    }

    TEST_CASE("until close, it is never complete") {
        at_every_split("0|HTTP/1.1 200 OK||"_wire, [](const Parts& parts) {
            Body body;
            body.begin(BodyEnd::until_close, 0);
            CHECK(followed_body(body, parts).outcome == Outcome::incomplete);
            CHECK_FALSE(body.done());
            CHECK(body.countable() == longest_length);
        });
    }

    TEST_CASE("counted, it may pass unseen in part or whole") {
        Body body;
        body.begin(BodyEnd::counted, 10);
        CHECK(body.countable() == 10);
        body.skip(3);
        CHECK(body.countable() == 7);
        CHECK(body.follow("0123").taken == 4);
        body.skip(3);
        CHECK(body.done());
        CHECK(body.countable() == 0);
        CHECK(body.follow("GET").taken == 0);
    }

    TEST_CASE("until close, what passes unseen changes nothing") {
        Body body;
        body.begin(BodyEnd::until_close, 0);
        body.skip(longest_length);
        CHECK(body.countable() == longest_length);
        CHECK_FALSE(body.done());
    }

    TEST_CASE("a new one begins as if there had been none before") {
        Body body;
        body.begin(BodyEnd::chunked, 0);
        CHECK(body.follow("5\r\n01").outcome == Outcome::incomplete);
        body.begin(BodyEnd::counted, 2);
        CHECK(body.follow("01").outcome == Outcome::complete);
        body.begin(BodyEnd::chunked, 0);
        CHECK(body.follow("0\r\nA: b\r\n\r\n").outcome == Outcome::complete);
    }

    TEST_CASE("the longest is followed to its end") {
        Body body;
        body.begin(BodyEnd::counted, longest_length);
        body.skip(longest_length - 1);
        CHECK(body.follow("01").taken == 1);
        CHECK(body.done());
    }
}

}  // namespace
}  // namespace lastcall
