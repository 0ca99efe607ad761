// Claims about the points of `check --setup`.

#include "../../src/command/setup/setup.hpp"

#include <doctest/doctest.h>
#include <algorithm>

namespace lastcall::command {
namespace {

ServerFacts serving() {
    ServerFacts server;
    server.pid = 7;
    server.name = "nginx";
    server.ports = {80, 443};
    server.loaded = true;
    PageFacts page;
    page.activity = good("is active");
    server.pages.push_back(page);
    return server;
}

SetupFacts sound() {
    SetupFacts facts;
    facts.name = "tini";
    facts.library = {"/l/liblastcall.so", "/l/liblastcall.so", "", "/l/lastcall"};
    facts.servers.push_back(serving());
    facts.stop = {45'000, 25'000};
    return facts;
}

Answer worst(const Points& points) {
    Answer answer = Answer::works;
    for (const Point& point : points) answer = std::max(answer, point.answer);
    return answer;
}

// The one point that is not well.
Point trouble(const Points& points) {
    Points found;
    std::copy_if(points.begin(), points.end(), std::back_inserter(found),
                 [](const Point& point) { return point.answer != Answer::works; });
    REQUIRE(found.size() == 1);
    return found[0];
}

bool says(const Point& point, Bytes what) { return point.text.find(what) != std::string::npos; }

TEST_SUITE("setup") {
    TEST_CASE("of which all is right has nothing to hint at") {
        const Points points = judge_setup(sound());
        CHECK(worst(points) == Answer::works);
        for (const Point& point : points) CHECK((point.hint.empty() && point.anchor == nullptr));
        CHECK(as_lines(sound(), points).ends_with("0 cautions, 0 failed\n"));
    }

    TEST_CASE("names a server by its ports") {
        CHECK(says(judge_server(serving())[0], "nginx, process 7, ports 80, 443: "));
    }

    TEST_CASE("has a hint and a page to read for all that is not right") {
        SetupFacts facts = sound();
        facts.library = {};
        facts.servers[0].loaded = false;
        facts.servers[0].absent = {fails("the library is not loaded"), caution("no LD_PRELOAD")};
        facts.stop = {};
        for (const Point& point : judge_setup(facts)) {
            CAPTURE(point.text);
            CHECK((point.answer == Answer::works) == point.hint.empty());
            CHECK((point.answer == Answer::works) == (point.anchor == nullptr));
        }
    }

    TEST_CASE("without the library where LD_PRELOAD says fails") {
        const Point none = judge_library({});
        CHECK(none.answer == Answer::fails);
        CHECK(says(none, "in no environment"));
        CHECK(says(judge_library({"/x.so", "", "", ""}), "names no liblastcall"));
        const Point gone = judge_library({"/l/liblastcall.so", "/l/liblastcall.so", "Gone", ""});
        CHECK(gone.answer == Answer::fails);
        CHECK(says(gone, "Gone"));
    }

    TEST_CASE("with a setting that the library refuses fails") {
        ServerFacts server = serving();
        server.settings = {fails("LASTCALL_AGE=\"old\" is bad")};
        const Point point = trouble(judge_server(server));
        CHECK(point.answer == Answer::fails);
        CHECK(point.anchor == Bytes{"settings"});
    }

    TEST_CASE("with a name that is nearly a setting is a caution") {
        ServerFacts server = serving();
        server.typos = {"LASTCALL_REQUEST is ignored"};
        CHECK(trouble(judge_server(server)).answer == Answer::caution);
    }

    TEST_CASE("without a page, or with one that may not be written, is not drained") {
        SetupFacts facts = sound();
        facts.servers[0].pages[0].refusal = "Permission denied";
        CHECK(says(judge_drain(facts)[0], "would reach no server"));
        CHECK(trouble(judge_server(facts.servers[0])).anchor == Bytes{"page-rights"});
        facts.servers[0].pages.clear();
        facts.servers[0].folder_error = "/nowhere: No such file or directory";
        CHECK(says(judge_drain(facts)[0], "would reach no server"));
        CHECK(says(trouble(judge_server(facts.servers[0])), "/nowhere"));
    }

    TEST_CASE("that observes closes nothing, which is a caution") {
        ServerFacts server = serving();
        server.pages[0].report.numbers.limits.observe = true;
        CHECK(trouble(judge_server(server)).anchor == Bytes{"observe"});
    }

    TEST_CASE("whose process is no ancestor of a server fails, and names it") {
        SetupFacts facts = sound();
        facts.name = "pause";
        facts.servers.clear();
        CHECK(judge_drain(facts)[0].anchor == Bytes{"no-server"});
        facts.strays = {"nginx, process 12"};
        const Point point = judge_drain(facts)[0];
        CHECK(point.answer == Answer::fails);
        CHECK(says(point, "process 1 (pause), which is no ancestor of nginx, process 12"));
        CHECK(point.hint.find("shareProcessNamespace") != std::string::npos);
    }

    TEST_CASE("leaves servers of containers below alone, and says so") {
        SetupFacts facts = sound();
        facts.servers.push_back(serving());
        facts.servers[1].pages[0].in_reach = false;
        const Points points = judge_drain(facts);
        CHECK(trouble(points).answer == Answer::caution);
        CHECK(says(points.back(), "would reach 1 server"));
    }

    TEST_CASE("needs a stop that is longer than its drain") {
        CHECK(judge_stop({45'000, 25'000}).answer == Answer::works);
        CHECK(judge_stop({30'000, 25'000}).answer == Answer::works);
        CHECK(judge_stop({29'999, 25'000}).answer == Answer::caution);
        CHECK(judge_stop({25'000, 25'000}).answer == Answer::fails);
        CHECK(says(judge_stop({45'000, {}}), "is not known"));
        CHECK(judge_stop({{}, 25'000}).answer == Answer::caution);
    }

    TEST_CASE(
        "tells of TLS, of what is not understood and of HTTP/2; upgrades are as they should be") {
        Tally total;
        total.connections = 10;
        total.opaque[static_cast<std::size_t>(Opaque::upgrade)] = 4;
        CHECK(judge_traffic("x", total).empty());
        total.opaque[static_cast<std::size_t>(Opaque::tls)] = 3;
        total.opaque[static_cast<std::size_t>(Opaque::malformed_head)] = 1;
        total.http2.connections = 2;
        const Points points = judge_traffic("x", total);
        REQUIRE(points.size() == 3);
        CHECK(says(points[0], "3 of 10 connections spoke TLS"));
        CHECK(says(points[1], "1 of 10 connections were left alone"));
        CHECK(says(points[2], "2 of 10 connections speak HTTP/2"));
        CHECK(worst(points) == Answer::caution);
    }

    TEST_CASE("that is closed to who asks is not said to lack anything") {
        SetupFacts facts = sound();
        facts.closed = "ask as root";
        facts.library = {};
        facts.servers[0].closed = "ask as root";
        facts.servers[0].pages.clear();
        const Points points = judge_setup(facts);
        CHECK(points[0].answer == Answer::caution);
        CHECK(points[1].answer == Answer::caution);
        CHECK(points[1].anchor == Bytes{"sys-ptrace"});
    }

    TEST_CASE(
        "of a server that wrote over its environment is well, as long as it has the library") {
        SetupFacts facts = sound();
        facts.library = {"", "", "", "/l/lastcall"};
        CHECK(worst(judge_setup(facts)) == Answer::works);
        facts.servers[0].loaded = false;
        CHECK(judge_setup(facts)[0].anchor == Bytes{"not-preloaded"});
    }

    TEST_CASE("of a server whose settings cannot be read is not said to be well without a page") {
        ServerFacts server = serving();
        server.told = false;
        CHECK(worst(judge_server(server)) == Answer::works);
        server.pages.clear();
        CHECK(judge_server(server)[0].anchor == Bytes{"settings"});
        CHECK(judge_server(server)[0].answer == Answer::caution);
    }

    TEST_CASE("that is closed may have servers, whatever else there is") {
        SetupFacts facts = sound();
        facts.servers.clear();
        facts.closed = "ask as root";
        facts.strays = {"nginx, process 12"};
        const Point point = judge_drain(facts)[0];
        CHECK(point.answer == Answer::caution);
        CHECK(point.anchor == Bytes{"sys-ptrace"});
    }

    TEST_CASE("is printed as JSON whatever the names hold") {
        SetupFacts facts = sound();
        facts.name = "a\"b\n";
        const std::string text = as_json(facts, judge_setup(facts));
        CHECK(text.find("\"name\": \"a\\\"b\\u000a\"") != std::string::npos);
        CHECK(text.find("\"failed\": 0}") != std::string::npos);
    }
}

}  // namespace
}  // namespace lastcall::command
