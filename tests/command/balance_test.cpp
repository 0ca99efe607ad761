// Claims about the arithmetic of plan.

#include "../../src/command/balance.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

namespace lastcall::command {
namespace {

Load load(double rps, double connections, double settle, double jitter) {
    return {.requests_per_second = rps,
            .clients = 1,
            .connections = connections,
            .settle = settle,
            .jitter = jitter};
}

// The same share by adding up small steps of 1/m * P(life > x).
double integrated(double time, double longest, double jitter) {
    constexpr int steps = 20'000;
    const double low = (1 - jitter) * longest;
    double sum = 0;
    double mean = 0;
    for (int i = 0; i < steps; ++i) {
        const double x = (i + 0.5) * longest / steps;
        const double survives = x < low ? 1 : (longest - x) / (longest - low);
        mean += survives * longest / steps;
        if (x < time) sum += survives * longest / steps;
    }
    return sum / mean;
}

TEST_SUITE("plan") {
    TEST_CASE("N requests of one connection fit into the time to settle, N + 1 do not") {
        for (const double rps : {7.0, 100.0, 12'345.6}) {
            for (const double connections : {1.0, 33.0, 640.0}) {
                const Plan plan = plan_for(load(rps, connections, 60, 0));
                if (plan.requests == 1) continue;
                CHECK(plan.settles);
                CHECK(plan.requests / plan.connection_rate <= 60);
                CHECK((plan.requests + 1) / plan.connection_rate > 60);
            }
        }
    }

    TEST_CASE("a round example") {
        const Plan plan = plan_for(load(1000, 50, 60, 0));
        CHECK(plan.requests == 1200);
        CHECK(plan.mean == doctest::Approx(60));
        CHECK(plan.reconnects == doctest::Approx(50.0 / 60));
        CHECK(plan.cost == doctest::Approx(1.0 / 1200));
    }

    TEST_CASE("jitter shortens lives and costs reconnects") {
        const Plan plan = plan_for(load(1000, 50, 60, 0.2));
        CHECK(plan.mean == doctest::Approx(54));
        CHECK(plan.reconnects == doctest::Approx(50.0 / 54));
    }

    TEST_CASE("connections that carry too little are closed by each response, and settle late") {
        const Plan plan = plan_for(load(1, 500, 60, 0.1));
        CHECK(plan.requests == 1);
        CHECK(plan.cost == doctest::Approx(1));
        CHECK_FALSE(plan.settles);
    }

    TEST_CASE("a count has to be ten times the streams in flight") {
        Load grpc = load(1000, 10, 60, 0.1);  // N is 6000
        CHECK(plan_for(grpc).by_count);
        grpc.streams = 600;
        CHECK(plan_for(grpc).by_count);
        grpc.streams = 601;
        CHECK_FALSE(plan_for(grpc).by_count);
    }

    TEST_CASE("N stays a number that can be set") {
        CHECK(plan_for(load(1e12, 1, 3600, 0)).requests == 2147483647);
    }
}

TEST_SUITE("share renewed") {
    TEST_CASE("is none at first and all after the longest life") {
        for (const double jitter : {0.0, 0.1, 1.0}) {
            CHECK(renewed(0, 60, jitter) == 0);
            CHECK(renewed(60, 60, jitter) == 1);
            CHECK(renewed(61, 60, jitter) == 1);
        }
    }

    TEST_CASE("without jitter grows evenly") {
        CHECK(renewed(15, 60, 0) == doctest::Approx(0.25));
        CHECK(renewed(59, 60, 0) == doctest::Approx(59.0 / 60));
    }

    TEST_CASE("is the integral that it is derived from") {
        for (const double jitter : {0.05, 0.1, 0.5, 1.0}) {
            for (double time = 0; time <= 60; time += 2.5) {
                CHECK(renewed(time, 60, jitter) ==
                      doctest::Approx(integrated(time, 60, jitter)).epsilon(0.001));
            }
        }
    }
}

}  // namespace
}  // namespace lastcall::command
