// Claims about what the two sides of a conversation tell each other.

#include <lastcall/http1/exchanges.hpp>

#include <doctest/doctest.h>

namespace lastcall {
namespace {

constexpr auto ordinary = RequestKind::ordinary;
constexpr auto head = RequestKind::head;
constexpr auto connect = RequestKind::connect;

TEST_SUITE("exchanges") {
    TEST_CASE("are numbered from one, in the order of their requests") {
        Exchanges exchanges;
        CHECK(exchanges.begun() == 0);
        CHECK_FALSE(exchanges.outstanding(1));
        CHECK(exchanges.begin(ordinary));
        CHECK(exchanges.begun() == 1);
        CHECK(exchanges.outstanding(1));
        CHECK_FALSE(exchanges.outstanding(2));
    }

    TEST_CASE("are of their requests' kinds") {
        Exchanges exchanges;
        for (const RequestKind kind : {ordinary, head, ordinary, head, connect}) {
            CHECK(exchanges.begin(kind));
        }
        CHECK(exchanges.kind(1) == ordinary);
        CHECK(exchanges.kind(2) == head);
        CHECK(exchanges.kind(3) == ordinary);
        CHECK(exchanges.kind(4) == head);
        CHECK(exchanges.kind(5) == connect);
        CHECK(exchanges.kind(6) == ordinary);
    }

    TEST_CASE("of ordinary requests may be outstanding in any number") {
        Exchanges exchanges;
        for (std::uint32_t i = 1; i <= 100000; ++i) REQUIRE(exchanges.begin(ordinary));
        CHECK(exchanges.outstanding(100000));
        CHECK(exchanges.kind(100000) == ordinary);
    }

    TEST_CASE("of HEAD requests may be outstanding eight at once, then more as they are answered") {
        Exchanges exchanges;
        for (std::uint32_t i = 1; i <= 8; ++i) CHECK(exchanges.begin(head));
        CHECK_FALSE(exchanges.begin(head));
        CHECK(exchanges.begun() == 8);
        CHECK(exchanges.begin(ordinary));
        for (std::uint32_t i = 1; i <= 8; ++i) CHECK(exchanges.kind(i) == head);
        exchanges.answered(2);
        CHECK(exchanges.begin(head));
        CHECK(exchanges.begin(head));
        CHECK_FALSE(exchanges.begin(head));
        CHECK(exchanges.kind(10) == head);
        CHECK(exchanges.kind(11) == head);
        CHECK(exchanges.kind(3) == head);
    }

    TEST_CASE("of HEAD requests answered one by one are remembered without end") {
        Exchanges exchanges;
        for (std::uint32_t i = 1; i <= 1000; ++i) {
            REQUIRE(exchanges.begin(i % 3 == 0 ? ordinary : head));
            CHECK(exchanges.kind(i) == (i % 3 == 0 ? ordinary : head));
            exchanges.answered(i);
        }
    }

    TEST_CASE("have no last one until the newest is picked") {
        Exchanges exchanges;
        CHECK(exchanges.last() == 0);
        CHECK(exchanges.begin(ordinary));
        CHECK(exchanges.begin(ordinary));
        CHECK(exchanges.last() == 0);
        exchanges.pick_newest(true);
        CHECK(exchanges.last() == 2);
        CHECK(exchanges.last_persists());
    }

    TEST_CASE("remember whether the connection would have outlived the last one") {
        Exchanges exchanges;
        CHECK(exchanges.begin(ordinary));
        exchanges.pick_newest(false);
        CHECK(exchanges.last() == 1);
        CHECK_FALSE(exchanges.last_persists());
    }

    TEST_CASE("have a CONNECT outstanding until its final response") {
        Exchanges exchanges;
        CHECK_FALSE(exchanges.connect_outstanding());
        CHECK(exchanges.begin(ordinary));
        CHECK(exchanges.begin(connect));
        CHECK(exchanges.connect_outstanding());
        exchanges.answered(1);
        CHECK(exchanges.connect_outstanding());
        exchanges.answered(2);
        CHECK_FALSE(exchanges.connect_outstanding());
    }

    TEST_CASE("are forgotten for the next connection") {
        Exchanges exchanges;
        for (const RequestKind kind : {head, connect, head, head, head, head, head, head, head}) {
            CHECK(exchanges.begin(kind));
        }
        exchanges.pick_newest(true);
        exchanges.reset();
        CHECK(exchanges.begun() == 0);
        CHECK(exchanges.last() == 0);
        CHECK_FALSE(exchanges.last_persists());
        CHECK_FALSE(exchanges.outstanding(1));
        CHECK_FALSE(exchanges.connect_outstanding());
        CHECK(exchanges.kind(1) == ordinary);
        for (std::uint32_t i = 1; i <= 8; ++i) CHECK(exchanges.begin(head));
    }
}

}  // namespace
}  // namespace lastcall
