// Claims about the set of open streams, and a long run against a plain one.

#include <lastcall/http2/streams.hpp>

#include <doctest/doctest.h>

#include <map>
#include <random>

namespace lastcall::http2 {
namespace {

TEST_SUITE("streams") {
    TEST_CASE("a stream is open until both sides have ended it, or one resets it") {
        for (const bool client_first : {true, false}) {
            Streams streams;
            streams.open(1);
            CHECK((client_first ? streams.end_client(1) : streams.end_server(1)));
            CHECK(streams.has(1));
            CHECK((client_first ? streams.end_server(1) : streams.end_client(1)));
            CHECK_FALSE(streams.has(1));
            CHECK(streams.none());
        }
        Streams streams;
        streams.open(1);
        streams.end_server(1);
        CHECK(streams.reset(1));
        CHECK(streams.none());
    }

    TEST_CASE("to end one side twice, or what is not open, is nothing") {
        Streams streams;
        streams.open(1);
        CHECK(streams.end_client(1));
        CHECK(streams.end_client(1));
        CHECK(streams.has(1));
        CHECK_FALSE(streams.end_client(3));
        CHECK_FALSE(streams.end_server(7));
        CHECK_FALSE(streams.reset(5));
        CHECK_FALSE(streams.none());
    }

    TEST_CASE("one more than fit is remembered to be forgotten") {
        Streams streams;
        for (std::uint32_t i = 0; i < Streams::most; ++i) streams.open(1 + 2 * i);
        CHECK_FALSE(streams.overflowed());
        streams.open(1);
        CHECK_FALSE(streams.overflowed());
        streams.open(9999);
        CHECK(streams.overflowed());
        for (std::uint32_t i = 0; i < Streams::most; ++i) CHECK(streams.reset(1 + 2 * i));
        CHECK_FALSE(streams.none());
    }

    TEST_CASE("the largest id is one like any other") {
        Streams streams;
        for (const std::uint32_t id : {0x7fffffffU, 0x7ffffffdU, 1U, 3U}) {
            streams.open(id);
            CHECK(streams.has(id));
        }
        for (const std::uint32_t id : {1U, 0x7fffffffU, 3U, 0x7ffffffdU}) {
            CHECK(streams.reset(id));
            CHECK_FALSE(streams.has(id));
        }
        CHECK(streams.none());
    }

    TEST_CASE("whatever comes, it is as a map would have it") {
        std::minstd_rand dice(1);
        for (int run = 0; run < 200; ++run) {
            Streams streams;
            std::map<std::uint32_t, int> plain;  // bit 0: the client has ended, bit 1: the server
            const std::uint32_t range = run % 2 == 0 ? 64 : 4096;
            for (int i = 0; i < 2000; ++i) {
                const auto id = static_cast<std::uint32_t>(1 + 2 * (dice() % range));
                const bool open = plain.contains(id);
                CHECK(streams.has(id) == open);
                const auto end = [&](int half) {
                    if (open && ((plain[id] |= half) == 3)) plain.erase(id);
                };
                switch (dice() % 5) {
                    case 0:
                    case 1:
                        if (open || plain.size() == Streams::most) break;
                        streams.open(id);
                        plain[id] = 0;
                        break;
                    case 2:
                        CHECK(streams.end_client(id) == open);
                        end(1);
                        break;
                    case 3:
                        CHECK(streams.end_server(id) == open);
                        end(2);
                        break;
                    default: CHECK(streams.reset(id) == open); plain.erase(id);
                }
                CHECK(streams.none() == plain.empty());
            }
        }
    }
}

}  // namespace
}  // namespace lastcall::http2
