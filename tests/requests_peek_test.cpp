// Claims about bytes that the server looks at and leaves in the kernel (MSG_PEEK): the answer is
// the one that taking them would give, and nothing changes by it.

#include <lastcall/http1/requests.hpp>

#include "conversation.hpp"
#include "wire.hpp"

namespace lastcall {
namespace {

Requests::Intake peek(const Arrivals& arrivals, Bytes in, const Policy& policy) {
    Requests copy = arrivals.requests;
    Exchanges exchanges;
    exchanges.copy(arrivals.exchanges);
    return copy.peek(in, exchanges, policy);
}

// With the text taken up to any place, a peek at the rest answers as a read of it.
void check_peeks(Bytes text, const Policy& policy) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        Arrivals arrivals;
        CHECK(arrivals.read(first(text, i), policy));
        if (arrivals.reason != Opaque::no) return;
        const std::uint32_t begun = arrivals.exchanges.begun();
        const std::uint32_t last = arrivals.exchanges.last();
        against_guard_page(from(text, i), [&](Bytes rest) {
            const Requests::Intake seen = peek(arrivals, rest, policy);
            const Requests::Intake again = peek(arrivals, rest, policy);
            CHECK(again.delivered == seen.delivered);
            CHECK(arrivals.exchanges.begun() == begun);
            CHECK(arrivals.exchanges.last() == last);
            Arrivals taking;
            CHECK(taking.read(first(text, i), policy));
            const std::size_t before = taking.delivered;
            CHECK(taking.read(rest, policy));
            CAPTURE(i);
            CHECK(seen.delivered == taking.delivered - before);
            CHECK(seen.reason == taking.reason);
        });
    }
}

const std::string get = "GET / HTTP/1.1|Host: x||"_wire;
const std::string put = "PUT / HTTP/1.1|Content-Length: 3||GET"_wire;
const std::string head = "HEAD / HTTP/1.1||"_wire;
const std::string connect = "CONNECT x:1 HTTP/1.1||"_wire;

TEST_SUITE("peeked requests") {
    TEST_CASE("show nothing behind the last one") {
        Arrivals arrivals;
        CHECK(peek(arrivals, get + get, {.requests = 1}).delivered == get.size());
        CHECK(peek(arrivals, put + get, {.requests = 1}).delivered == put.size());
        CHECK(peek(arrivals, get + put + get, {.requests = 2}).delivered == (get + put).size());
        CHECK(arrivals.exchanges.begun() == 0);
    }

    TEST_CASE("are answered as if they were read, from any place on") {
        for (const std::uint32_t limit : {1U, 2U, 3U, 9U}) {
            check_peeks(get + put + get + get, {.requests = limit});
            check_peeks("PUT / HTTP/1.1|Transfer-Encoding: chunked||1|0|0||"_wire + get,
                        {.requests = limit});
            check_peeks("PROXY UNKNOWN|"_wire + get + get, {.requests = limit});
        }
    }

    TEST_CASE("that are not understood show all") {
        check_peeks("GET / HTTP/1.1|A : b||"_wire + get, {.requests = 1});
        check_peeks(get + "GET / HTTP/1.2||"_wire, {.requests = 2});
        check_peeks("\x16\x03\x01", {.requests = 1});
    }

    TEST_CASE("given in several views are counted on") {
        Arrivals arrivals;
        Requests copy = arrivals.requests;
        Exchanges exchanges;
        const Policy policy{.requests = 2};
        CHECK(copy.peek(get, exchanges, policy).delivered == get.size());
        CHECK(exchanges.begun() == 1);
        CHECK(copy.peek(get + get, exchanges, policy).delivered == get.size());
        CHECK(exchanges.begun() == 2);
        CHECK(copy.peek(get, exchanges, policy).delivered == 0);
    }

    TEST_CASE("behind a CONNECT that is not answered show all: it may be a tunnel's") {
        check_peeks(connect + get + get, {.requests = 2});
        check_peeks(get + connect + get, {.requests = 3});
    }

    TEST_CASE("show all if they are too many to remember") {
        check_peeks(repeated(head, 9) + get, {.requests = 9});
    }
}

}  // namespace
}  // namespace lastcall
