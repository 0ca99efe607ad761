// Claims about which exchange is the last, with a clock driven by hand.

#include <lastcall/policy.hpp>

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

namespace lastcall {
namespace {

Trigger due_at(const Policy& policy, std::uint32_t exchange, Moment now = 0,
               const Standing& standing = {}) {
    return due(policy, standing, exchange, now);
}

// How many of `count` requests a second into its ramp a drain of ten seconds picks.
std::uint32_t picked(const Policy& policy, std::uint32_t count, Moment now) {
    std::uint32_t sum = 0;
    for (std::uint32_t i = 1; i <= count; ++i) {
        const Standing standing{.draw = i * 2654435761U};
        if (due_at(policy, 1 + i % 7, now, standing) == Trigger::drain) ++sum;
    }
    return sum;
}

TEST_SUITE("limit on requests") {
    TEST_CASE("is reached by the exchange of its number, and by every later one") {
        const Policy policy{.requests = 3};
        CHECK(due_at(policy, 2) == Trigger::none);
        CHECK(due_at(policy, 3) == Trigger::requests);
        CHECK(due_at(policy, 4) == Trigger::requests);
        CHECK(due_at({.requests = 1}, 1) == Trigger::requests);
        CHECK(due_at({.requests = 2147483647}, 2147483646) == Trigger::none);
        CHECK(due_at({.requests = 2147483647}, 2147483647) == Trigger::requests);
    }

    TEST_CASE("without one no exchange is the last") {
        CHECK(due_at({}, 4294967295) == Trigger::none);
        CHECK_FALSE(limits({}));
        CHECK(limits({.requests = 1}));
        CHECK_FALSE(timed({.requests = 1}));
    }
}

TEST_SUITE("limit on age") {
    TEST_CASE("is reached by the first request at or after it") {
        const Policy policy{.age = 1000};
        const Standing standing{.born = 5000};
        CHECK(due_at(policy, 1, 5999, standing) == Trigger::none);
        CHECK(due_at(policy, 1, 6000, standing) == Trigger::age);
        CHECK(limits(policy));
        CHECK(timed(policy));
    }

    TEST_CASE("gives way to the limit on requests as the reason") {
        const Policy policy{.requests = 2, .age = 10};
        CHECK(due_at(policy, 2, 100) == Trigger::requests);
        CHECK(due_at(policy, 1, 100) == Trigger::age);
    }
}

TEST_SUITE("jitter") {
    TEST_CASE("lies between the limit less its share and the limit, for every draw") {
        std::mt19937 draws(1);
        for (const std::uint32_t jitter : {0U, 1U, 10U, 33U, 50U, 99U, 100U}) {
            for (const std::uint32_t limit : {1U, 2U, 3U, 10U, 1000U, 2147483647U}) {
                const std::uint64_t most_below = std::uint64_t{limit} * jitter / 100;
                for (const std::uint32_t draw : {0U, 1U, 4294967295U, std::uint32_t(draws())}) {
                    const std::uint32_t own = own_limit(limit, jitter, draw);
                    CHECK(own >= 1);
                    CHECK(own <= limit);
                    CHECK(own + most_below >= limit);
                }
            }
        }
    }

    TEST_CASE("is spread over all of its range") {
        std::array<int, 11> seen{};  // 90 to 100
        std::mt19937 draws(2);
        for (int i = 0; i < 11000; ++i) ++seen[own_limit(100, 10, std::uint32_t(draws())) - 90];
        for (const int count : seen) {
            CHECK(count > 700);
            CHECK(count < 1300);
        }
    }

    TEST_CASE("keeps a connection's fraction when the limit changes") {
        const std::uint32_t draw = 0x80000000;  // halfway
        CHECK(own_limit(100, 20, draw) == 90);
        CHECK(own_limit(1000, 20, draw) == 900);
        CHECK(own_limit(1000, 0, draw) == 1000);
    }
}

TEST_SUITE("drain") {
    const Policy ramp{.drain = {.start = 1000, .ramp = 10'000}};

    TEST_CASE("picks nothing before its start, and everything once its ramp is over") {
        CHECK(picked(ramp, 1000, 999) == 0);
        CHECK(picked(ramp, 1000, 11'000) == 1000);
        CHECK(picked(ramp, 1000, 99'000) == 1000);
    }

    TEST_CASE("picks a share that rises with time") {
        CHECK(picked(ramp, 10'000, 2000) > 850);
        CHECK(picked(ramp, 10'000, 2000) < 1150);
        CHECK(picked(ramp, 10'000, 6000) > 4700);
        CHECK(picked(ramp, 10'000, 6000) < 5300);
    }

    TEST_CASE("without a ramp picks everything at once") {
        CHECK(picked({.drain = {.start = 1000, .ramp = 0}}, 100, 1000) == 100);
    }

    TEST_CASE("asks a connection anew with each request") {
        const Standing standing{.draw = 7};
        std::uint32_t sum = 0;
        for (std::uint32_t i = 1; i <= 1000; ++i) {
            if (due_at(ramp, i, 6000, standing) == Trigger::drain) ++sum;
        }
        CHECK(sum > 420);
        CHECK(sum < 580);
    }
}

TEST_SUITE("rate budget") {
    TEST_CASE("grants its bucket at once, and then as fast as it fills") {
        Budget budget;
        const auto granted = [&](Moment now) {
            int count = 0;
            while (budget.grant(10, now)) ++count;
            return count;
        };
        CHECK(granted(5000) == 10);
        CHECK(granted(5099) == 0);
        CHECK(granted(5100) == 1);
        CHECK(granted(5600) == 5);
        CHECK(granted(99'000) == 10);
    }

    TEST_CASE("of nothing grants always") {
        Budget budget;
        for (int i = 0; i < 1000; ++i) CHECK(budget.grant(0, 1));
    }

    // Tries from eight threads, in any order that the scheduler makes of them.
    constexpr int crowd = 8;
    template <typename Tries>
    void in_a_crowd(Tries tries) {
        std::vector<std::thread> threads;
        for (int i = 0; i < crowd; ++i) threads.emplace_back(tries);
        for (std::thread& thread : threads) thread.join();
    }

    TEST_CASE("grants eight threads together what it would grant one") {
        constexpr std::uint32_t rate = 1000;
        Budget budget;
        std::atomic<std::uint32_t> granted = 0;
        const auto at = [&](Moment now) {
            granted = 0;
            in_a_crowd([&] {
                for (std::uint32_t tries = 0; tries < rate; ++tries) {
                    if (budget.grant(rate, now)) ++granted;
                }
            });
            return granted.load();
        };
        CHECK(at(5000) == rate);
        CHECK(at(5000) == 0);
        CHECK(at(5250) == rate / 4);
        CHECK(at(9000) == rate);
    }

    TEST_CASE("is not exceeded by more than its bucket by threads that read the clock late") {
        constexpr std::uint32_t rate = 1000;
        constexpr Moment span = 3000;
        Budget budget;
        std::atomic<Moment> clock = 1;
        std::atomic<std::uint32_t> granted = 0;
        in_a_crowd([&] {
            for (Moment now = clock; now < span; now = clock.fetch_add(1) / crowd) {
                for (int tries = 0; tries < 4; ++tries) {
                    if (budget.grant(rate, now)) ++granted;
                }
            }
        });
        CHECK(granted <= rate + rate * span / 1000);
    }
}

}  // namespace
}  // namespace lastcall
