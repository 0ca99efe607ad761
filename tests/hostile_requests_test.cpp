// Claims about requests that two parsers may read differently: the rows of hostile/requests.txt.
// Either such a request is refused for its reason, at the byte that is said, or its end is certain.

#include <lastcall/http1/requests.hpp>

#include "conversation.hpp"
#include "followed.hpp"
#include "hostile.hpp"

namespace lastcall::hostile {
namespace {

const std::vector<Row>& table() {
    static const std::vector<Row> read = rows("requests.txt", 3);
    return read;
}

// The events as the follower of requests words them, which knows no tunnel.
std::string events_of(const Row& row) {
    std::string joined;
    for (const std::string& event : row.events) {
        const bool plain = event == "head" || event == "message";
        joined += (joined.empty() ? "" : " ") + (plain ? event : "malformed");
    }
    return joined;
}

// Where the n-th request ends, and whether all of it was followed.
std::pair<std::size_t, bool> end_of(const Row& row, std::uint32_t n) {
    for (std::size_t i = 0; i < row.events.size(); ++i) {
        if (row.events[i] == "message" && --n == 0) return {row.places[i], true};
    }
    return {row.text.size(), false};
}

void arrive(Arrivals& arrivals, const Parts& parts, std::uint32_t limit) {
    for (const Bytes part : parts) CHECK(arrivals.read(part, {.requests = limit}));
}

bool never_last(const Row& row) {
    return row.source.starts_with("never the last") ||
           row.text.find("CONNECT") != std::string::npos;
}

TEST_SUITE("a hostile request") {
    TEST_CASE("stands in a table of at least two hundred, with its source") {
        CHECK(table().size() >= 200);
        for (const Row& row : table()) CHECK_FALSE(row.source.empty());
    }

    TEST_CASE("is refused for its reason where it turns ambiguous, or ends where it must") {
        each(table(), [](const Row& row, const Parts& parts) {
            if (row.reason() == Opaque::tunnel) return;  // told by the other side of the exchange
            RequestFollower follower;
            const Said heard = said(parts, [&](Bytes in) { return follower.follow(in); });
            CHECK(heard.events == events_of(row));
            CHECK(heard.places == row.places);
            CHECK(heard.reason == row.reason());
        });
    }

    TEST_CASE("reaches the server whole when none of its heads is the last") {
        each(table(), [](const Row& row, const Parts& parts) {
            const std::uint32_t heads = row.count("head");
            Arrivals arrivals;
            arrive(arrivals, parts, heads + 1);
            CHECK(arrivals.delivered == row.text.size());
            CHECK(arrivals.reason == row.reason());
            CHECK(arrivals.exchanges.begun() == heads);
            CHECK(arrivals.exchanges.last() == 0);
        });
    }

    TEST_CASE("is the last with its own bytes and none behind them, or refused as before") {
        each(table(), [](const Row& row, const Parts& parts) {
            for (std::uint32_t n = 1; n <= row.count("head"); ++n) {
                Arrivals arrivals;
                arrive(arrivals, parts, n);
                CHECK((arrivals.exchanges.last() == n || never_last(row)));
                if (arrivals.exchanges.last() != n) continue;
                CHECK_FALSE(row.source.starts_with("never the last"));
                const auto [end, whole] = end_of(row, n);
                CHECK(arrivals.delivered == end);
                CHECK(arrivals.requests.over() == whole);
                CHECK(arrivals.reason == (whole ? Opaque::no : row.reason()));
            }
        });
    }
}

}  // namespace
}  // namespace lastcall::hostile
