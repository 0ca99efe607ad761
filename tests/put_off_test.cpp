// Claims about a last request that turns out not to be: it is put off, and the next one is asked.

#include <lastcall/http1/requests.hpp>

#include "conversation.hpp"
#include "wire.hpp"

namespace lastcall {
namespace {

const std::string get = "GET / HTTP/1.1|Host: x||"_wire;

TEST_SUITE("a last request that is put off") {
    TEST_CASE("says what had picked it, and is nobody's last any more") {
        struct Row {
            Policy policy;
            Trigger trigger;
        };
        for (const auto& [policy, trigger] :
             {Row{{.requests = 1}, Trigger::requests}, Row{{.age = 1}, Trigger::age},
              Row{{.drain = {1, 0}}, Trigger::drain}}) {
            Exchanges exchanges;
            Requests requests;
            Budget budget;
            const Terms terms(policy, 1000, budget, false);
            CHECK(requests.take(get, exchanges, terms).picked.by(trigger) == 1);
            CHECK(requests.over());
            CHECK(requests.put_off(exchanges) == trigger);
            CHECK_FALSE(requests.over());
            CHECK(exchanges.last() == 0);
            CHECK(requests.put_off(exchanges) == Trigger::none);
        }
    }

    TEST_CASE("leaves the question to the one behind it, at every split") {
        const std::string text = get + get + get;
        at_every_split(from(text, get.size()), [&](const Parts& parts) {
            Arrivals arrivals;
            CHECK(arrivals.read(first(text, get.size()), {.requests = 1}));
            static_cast<void>(arrivals.requests.put_off(arrivals.exchanges));
            for (const Bytes part : parts) CHECK(arrivals.read(part, {.requests = 1}));
            CHECK(arrivals.exchanges.last() == 2);
            CHECK(arrivals.delivered == 2 * get.size());
        });
    }

    TEST_CASE("is answered as any other") {
        Exchanges exchanges;
        Requests requests;
        CHECK(requests.take(get, exchanges, Terms({.requests = 1})).delivered == get.size());
        static_cast<void>(requests.put_off(exchanges));
        Responses responses;
        const std::string ok = "HTTP/1.1 200 OK|Content-Length: 2||ok"_wire;
        CHECK(follow(responses, ok, exchanges) == Opaque::no);
        CHECK(responses.answered() == 1);
        CHECK_FALSE(responses.whole());
    }

    TEST_CASE("gives back what the budget granted") {
        Budget budget;
        for (int i = 0; i < 2; ++i) CHECK(budget.grant(2, 1));
        CHECK_FALSE(budget.grant(2, 1));
        budget.give_back(2);
        CHECK(budget.grant(2, 1));
        CHECK_FALSE(budget.grant(2, 1));
        Budget full;
        full.give_back(2);
        for (int i = 0; i < 2; ++i) CHECK(full.grant(2, 1));
        CHECK_FALSE(full.grant(2, 1));
        full.give_back(0);
        CHECK_FALSE(full.grant(2, 1));
    }
}

}  // namespace
}  // namespace lastcall
