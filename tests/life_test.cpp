// Claims about what is true of one life of a connection: no other life can state it, and a call is
// accounted for once.

#include "../src/preload/life.hpp"
#include "../src/preload/offer.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace lastcall {
namespace {

constexpr std::uint64_t life_bits(std::uint16_t generation) {
    return std::uint64_t{generation} << 48;
}

TEST_SUITE("facts") {
    TEST_CASE("are stated once, of the life that they are of") {
        Life life;
        life.begin(7);
        CHECK(life.state(7, Fact::said_close));
        CHECK_FALSE(life.state(7, Fact::said_close));
        CHECK_FALSE(life.state(6, Fact::torn_down));
        CHECK(life.facts().is(Fact::said_close));
        CHECK_FALSE(life.facts().is(Fact::torn_down));
        CHECK(life.generation() == 7);
    }

    TEST_CASE("are of no life that follows") {
        Life life;
        life.begin(7);
        life.state(7, Fact::ended);
        life.begin(8);
        CHECK_FALSE(life.facts().is(Fact::ended));
        CHECK_FALSE(life.state(7, Fact::ended));
        life.retract(7, Fact::ended);
        CHECK_FALSE(life.turn_opaque(7, Opaque::overlap));
        CHECK(life.facts().followed());
    }

    TEST_CASE("asked of a life that is over, are that nothing is to be done about it") {
        Life life;
        life.begin(7);
        for (const Fact fact :
             {Fact::input_over, Fact::discarded, Fact::said_close, Fact::torn_down}) {
            CHECK(life.state(7, fact));
        }
        CHECK(life.facts(7).is(Fact::torn_down));
        life.begin(8);
        CHECK(life.turn_opaque(8, Opaque::http2));
        for (const std::uint16_t gone : std::array<std::uint16_t, 3>{6, 7, 9}) {
            const Facts facts = life.facts(gone);
            CHECK_FALSE((facts.followed() || facts.speaks_http2() || facts.is(Fact::torn_down)));
            CHECK_FALSE((facts.cut() || facts.lingers() || facts.hides_end()));
        }
        CHECK(life.facts(8).speaks_http2());
    }

    TEST_CASE("keep the first reason") {
        Life life;
        life.begin(1);
        CHECK(life.facts().followed());
        CHECK(life.turn_opaque(1, Opaque::no_memory));
        CHECK_FALSE(life.turn_opaque(1, Opaque::tls));
        CHECK(life.facts().opaque() == Opaque::no_memory);
    }

    TEST_CASE("let HTTP/2 turn opaque, until we have ended it") {
        Life life;
        life.begin(1);
        CHECK(life.turn_opaque(1, Opaque::http2));
        CHECK(life.facts().speaks_http2());
        CHECK_FALSE(life.turn_opaque(1, Opaque::http2));
        CHECK(life.turn_opaque(1, Opaque::special_call));
        CHECK_FALSE(life.turn_opaque(1, Opaque::http2));
        CHECK(life.facts().opaque() == Opaque::special_call);
        Life ended;
        ended.begin(1);
        CHECK(ended.turn_opaque(1, Opaque::http2));
        CHECK(ended.state(1, Fact::torn_down, Fact::said_close));
        CHECK_FALSE(ended.state(1, Fact::torn_down, Fact::said_close));
        CHECK_FALSE(ended.turn_opaque(1, Opaque::special_call));
        CHECK(ended.facts().opaque() == Opaque::http2);
        CHECK(ended.facts().lingers());
        CHECK_FALSE(ended.facts().speaks_http2());
    }

    TEST_CASE("are taken back one by one") {
        Life life;
        life.begin(65535);
        life.state(65535, Fact::input_over);
        life.state(65535, Fact::discarded);
        life.retract(65535, Fact::input_over);
        CHECK_FALSE(life.facts().special_to_reads());
        CHECK(life.facts().is(Fact::discarded));
        CHECK(life.generation() == 65535);
    }

    TEST_CASE("say when the end of the input is to be hidden") {
        for (const Fact fact : {Fact::answered, Fact::endless}) {
            Life life;
            life.begin(1);
            CHECK_FALSE(life.facts().hides_end());
            life.state(1, Fact::discarded);
            CHECK(life.facts().hides_end());
            life.state(1, fact);
            CHECK_FALSE(life.facts().hides_end());
        }
    }
}

TEST_SUITE("references") {
    TEST_CASE("end with the last one, once") {
        References references;
        references.begin(3);
        CHECK(references.add(3));
        CHECK_FALSE(references.drop(3));
        CHECK_FALSE(references.none());
        CHECK(references.drop(3));
        CHECK(references.none());
        CHECK_FALSE(references.drop(3));
    }

    TEST_CASE("are never raised from the dead, nor by another life") {
        References references;
        references.begin(3);
        CHECK_FALSE(references.add(2));
        CHECK_FALSE(references.drop(2));
        CHECK(references.drop(3));
        CHECK_FALSE(references.add(3));
        references.begin(4);
        CHECK_FALSE(references.drop(3));
    }

    TEST_CASE("are at most as many as can be counted") {
        References references;
        references.begin(1);
        for (int i = 1; i < 65535; ++i) REQUIRE(references.add(1));
        CHECK_FALSE(references.add(1));
        for (int i = 1; i < 65535; ++i) REQUIRE_FALSE(references.drop(1));
        CHECK(references.drop(1));
    }

    TEST_CASE("end once among threads that copy while one closes") {
        for (std::uint16_t life = 1; life < 300; ++life) {
            References references;
            references.begin(life);
            std::atomic<int> ends = 0;
            const auto copy_and_close = [&] {
                if (references.add(life) && references.drop(life)) ++ends;
            };
            std::vector<std::thread> threads;
            for (int i = 0; i < 3; ++i) threads.emplace_back(copy_and_close);
            if (references.drop(life)) ++ends;
            for (std::thread& thread : threads) thread.join();
            CHECK(ends == 1);
        }
    }
}

TEST_SUITE("a write under way") {
    TEST_CASE("is open until it is closed, by its own ticket") {
        Offer offer;
        CHECK_FALSE(offer.open());
        const auto ticket = offer.make(life_bits(5), Shape::bytes, "x", 1);
        CHECK(offer.open());
        CHECK(offer.is_of(life_bits(5)));
        CHECK_FALSE(offer.is_of(life_bits(4)));
        CHECK(offer.offered().shape == Shape::bytes);
        CHECK(offer.offered().count == 1);
        CHECK_FALSE(offer.close(ticket + 16));
        CHECK(offer.close(ticket));
        CHECK_FALSE(offer.open());
    }

    TEST_CASE("is closed by nobody once it has been settled, nor is the next") {
        Offer offer;
        const auto ticket = offer.make(life_bits(5), Shape::list, nullptr, 0);
        offer.settle();
        CHECK_FALSE(offer.open());
        CHECK_FALSE(offer.close(ticket));
        const auto next = offer.make(life_bits(5), Shape::unseen, nullptr, 9);
        CHECK_FALSE(offer.close(ticket));
        CHECK(offer.close(next));
    }

    TEST_CASE("has as many bytes, in order, however they lie") {
        char text[] = "abcdef";
        iovec parts[] = {{text, 2}, {text + 2, 0}, {text + 2, 3}};
        msghdr message{};
        message.msg_iov = parts;
        message.msg_iovlen = 3;
        mmsghdr messages[2] = {};
        messages[0].msg_hdr.msg_iov = parts;
        messages[0].msg_hdr.msg_iovlen = 1;
        messages[1].msg_hdr.msg_iov = parts + 1;
        messages[1].msg_hdr.msg_iovlen = 2;
        for (const Offered& offered :
             {Offered{Shape::bytes, text, 5}, Offered{Shape::list, parts, 3},
              Offered{Shape::message, &message, 1}, Offered{Shape::messages, messages, 2}}) {
            CHECK(offered.size() == 5);
            for (std::size_t limit = 0; limit <= 5; ++limit) {
                std::string seen;
                const std::size_t walked = offered.walk(limit, [&](Bytes part) {
                    seen += part;
                    return part.size();
                });
                CHECK(walked == limit);
                CHECK(seen == std::string(text).substr(0, limit));
            }
        }
    }
}

}  // namespace
}  // namespace lastcall
