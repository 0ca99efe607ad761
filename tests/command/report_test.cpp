// Claims about pages as bytes and about the three forms of the report.

#include "../../src/command/pages/report.hpp"
#include "../../src/command/text.hpp"
#include "../../src/command/version.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <set>
#include <sstream>

namespace lastcall::command {
namespace {

std::unique_ptr<status::Page> good_page() {
    auto page = std::make_unique<status::Page>();
    page->magic = status::magic;
    page->version = status::version;
    page->size = sizeof(status::Page);
    page->worker_count = 64;
    page->ready = 1;
    return page;
}

bool contains(const std::string& text, Bytes what) { return text.find(what) != std::string::npos; }

ServerReport busy_server() {
    const auto page = good_page();
    page->pid = 7;
    page->control.requests = 1000;
    page->control.age = 90'000;
    page->control.jitter = 10;
    page->control.drain_start = 1000;
    page->control.drain_ramp = 20'000;
    page->workers[2].counters.exchanges = 5;  // a process that is gone
    page->workers[0].pid = 8;
    page->workers[0].open = 3;
    page->workers[0].counters.connections = 12;
    page->workers[0].counters.exchanges = 100;
    page->workers[0].counters.last_age = 4;
    page->workers[0].counters.opaque[static_cast<std::size_t>(Opaque::upgrade)] = 2;
    page->workers[0].counters.http2_connections = 7;
    page->workers[0].counters.http2_told_requests = 1;
    page->workers[0].counters.http2_told_drain = 5;
    page->workers[0].counters.http2_left = 3;
    page->workers[2].counters.http2_finished = 2;
    ServerReport report;
    report.pid = 7;
    report.name = "nginx";
    report.path = "/dev/shm/lastcall-7-1";
    report.numbers = read_numbers(*page);
    for (const WorkerTally& worker : report.numbers.workers) report.workers.push_back({8, worker});
    sum_up(report, 6000);
    return report;
}

TEST_SUITE("status page") {
    TEST_CASE("whole and of this version, is accepted") {
        CHECK(refusal(*good_page(), status::page_size).empty());
        CHECK(refusal(*good_page(), sizeof(status::Page)).empty());
    }

    TEST_CASE("anything else is refused with its reason") {
        CHECK(contains(refusal(*good_page(), 0), "not a status page"));
        CHECK(contains(refusal(*good_page(), 15), "not a status page"));
        CHECK(contains(refusal(*good_page(), sizeof(status::Page) - 1), "cut off"));
        auto page = good_page();
        page->magic[7] = 'L';
        CHECK(contains(refusal(*page, status::page_size), "not a status page"));
        page = good_page();
        page->version = status::version + 1;
        CHECK(contains(refusal(*page, 16), "version " + std::to_string(page->version)));
        page = good_page();
        page->size -= 8;
        CHECK(contains(refusal(*page, status::page_size), "bytes"));
        page = good_page();
        page->worker_count = static_cast<std::uint32_t>(page->workers.size() + 1);
        CHECK(contains(refusal(*page, status::page_size),
                       std::to_string(page->worker_count) + " workers"));
        page = good_page();
        page->ready = 0;
        CHECK(contains(refusal(*page, status::page_size), "not filled in"));
    }

    TEST_CASE("its total is that of the living and the gone") {
        const ServerReport report = busy_server();
        CHECK(report.numbers.total.exchanges == 105);
        CHECK(report.numbers.total.last.sum() == 4);
        CHECK(report.numbers.total.http2.told.sum() == 6);
        CHECK(report.numbers.total.http2.finished == 2);
        CHECK(report.open == 3);
        CHECK(report.drained == 25);
    }

    TEST_CASE("counts no worker's connections below none") {
        ServerReport report = busy_server();
        report.workers.push_back(report.workers[0]);
        report.workers[1].numbers.open = -3;
        sum_up(report, 6000);
        CHECK(report.open == 3);
    }

    TEST_CASE("of nonsense numbers, is shown without a fault") {
        const auto page = good_page();
        for (status::Worker& worker : page->workers) {
            worker.pid = -5;
            worker.open = std::int64_t{-1} << 63;
            worker.counters.connections = ~std::uint64_t{0};
            for (status::Count& count : worker.counters.opaque) count = ~std::uint64_t{0};
        }
        page->control.drain_start = ~std::uint64_t{0};
        page->control.jitter = ~std::uint32_t{0};
        ServerReport report;
        report.numbers = read_numbers(*page);
        for (const WorkerTally& worker : report.numbers.workers)
            report.workers.push_back({1, worker});
        sum_up(report, 5);
        CHECK(report.drained == 0);
        CHECK_FALSE(as_table({report}).empty());
        CHECK_FALSE(as_json({report}).empty());
        CHECK_FALSE(as_prometheus({report}).empty());
    }

    TEST_CASE("every reason has a name and words, also those yet to come") {
        std::set<std::string> names;
        for (std::size_t reason = 0; reason < 32; ++reason) {
            CHECK(names.insert(reason_name(reason)).second);
            CHECK_FALSE(reason_text(reason).empty());
        }
    }

    TEST_CASE("what is followed and what is not known are no reasons to be left alone") {
        CHECK(is_reason(static_cast<std::size_t>(Opaque::tls)));
        CHECK(is_reason(static_cast<std::size_t>(Opaque::malformed_frames)));
        CHECK_FALSE(is_reason(static_cast<std::size_t>(Opaque::no)));
        CHECK_FALSE(is_reason(static_cast<std::size_t>(Opaque::http2)));
        CHECK_FALSE(is_reason(known_reasons));
    }
}

TEST_SUITE("nothing to do") {
    Tally with(std::uint64_t tls, std::uint64_t http2, std::uint64_t upgrades,
               std::uint64_t exchanges) {
        Tally tally;
        tally.opaque[static_cast<std::size_t>(Opaque::tls)] = tls;
        tally.opaque[static_cast<std::size_t>(Opaque::upgrade)] = upgrades;
        tally.http2.connections = http2;
        tally.exchanges = exchanges;
        return tally;
    }

    TEST_CASE("is said when all traffic is TLS") {
        CHECK(contains(nothing_to_do(with(3, 0, 0, 0)), "All its traffic is TLS"));
    }

    TEST_CASE("is not said of a quiet or a mixed server") {
        CHECK(nothing_to_do({}).empty());
        CHECK(nothing_to_do(with(3, 0, 0, 1)).empty());
        CHECK(nothing_to_do(with(3, 0, 1, 0)).empty());
        CHECK(nothing_to_do(with(3, 1, 0, 0)).empty());
        CHECK(nothing_to_do(with(0, 3, 0, 0)).empty());
    }
}

TEST_SUITE("table") {
    TEST_CASE("tells a server's limits, drain, numbers and workers") {
        const std::string text = as_table({busy_server()});
        for (const Bytes part :
             {"nginx, process 7", "requests=1000 age=90s jitter=10% rate=off", "25%",
              "3 open, 12 so far", "4 (by requests 0, by age 4, by drain 0)", "an upgrade (101)",
              "7 of the connections", "6  told to go (by requests 1, by age 0, by drain 5)",
              "3  told, and then closed by the client", "2  told, and then ended",
              "/dev/shm/lastcall-7-1"}) {
            CAPTURE(text);
            CHECK(contains(text, part));
        }
        CHECK_FALSE(contains(text, "streams opened"));
    }

    TEST_CASE("says nothing of HTTP/2 where there is none") {
        ServerReport report = busy_server();
        report.numbers.total.http2 = {};
        CHECK_FALSE(contains(as_table({report}), "HTTP/2"));
    }

    TEST_CASE("shows names as text, never as a terminal's commands") {
        ServerReport report = busy_server();
        report.name = "\x1b[2Jevil\n";
        report.path = "/\x1b[2J";
        CHECK_FALSE(contains(as_table({report}), "\x1b"));
    }
}

TEST_SUITE("JSON") {
    TEST_CASE("of no server is the command's version and an empty list") {
        CHECK(as_json({}) == printed("{\"version\": \"%s\", \"servers\": []}\n", version));
    }

    TEST_CASE("escapes what JSON and UTF-8 do not allow") {
        ServerReport report = busy_server();
        report.name = "a\"b\\c\n\x80";
        CHECK(contains(as_json({report}), R"("server": "a\"b\\c\u000a\u0080")"));
    }

    TEST_CASE("has HTTP/2 apart, of the server and of each worker, and not among the opaque") {
        const std::string text = as_json({busy_server()});
        CHECK(contains(text, R"("http2": {"connections": 7, "told": {"requests": 1, "age": 0, )"
                             R"("drain": 5}, "finished": 2, "left": 3, "sent_on": 0})"));
        CHECK(contains(text, R"("finished": 0, "left": 3)"));
        CHECK_FALSE(contains(text, R"("http2": 0)"));
    }
}

// Of a histogram's part, the histogram.
std::string metric_of(const std::string& sample) {
    std::string name = sample.substr(0, sample.find('{'));
    for (const Bytes suffix : {"_bucket", "_sum", "_count"}) {
        if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
    }
    return name;
}

TEST_SUITE("Prometheus text") {
    TEST_CASE("has HELP and TYPE once before each metric's samples") {
        std::set<std::string> typed;
        std::istringstream lines(as_prometheus({busy_server()}));
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with("# TYPE ")) {
                CHECK(typed.insert(line.substr(7, line.find(' ', 7) - 7)).second);
            } else if (!line.starts_with('#')) {
                CHECK(typed.contains(metric_of(line)));
            }
        }
        CHECK(typed.size() > 10);
    }

    TEST_CASE("names counters _total, and nothing else so") {
        std::istringstream lines(as_prometheus({busy_server()}));
        for (std::string line; std::getline(lines, line);) {
            if (!line.starts_with("# TYPE ")) continue;
            CAPTURE(line);
            CHECK(contains(line, "_total ") == line.ends_with(" counter"));
        }
    }

    TEST_CASE("has base units and labels") {
        const std::string text = as_prometheus({busy_server()});
        CHECK(contains(text, "lastcall_limit_age_seconds{pid=\"7\",server=\"nginx\"} 90\n"));
        CHECK(contains(text, "lastcall_jitter_ratio{pid=\"7\",server=\"nginx\"} 0.1\n"));
        CHECK(contains(text, "_total{pid=\"7\",server=\"nginx\",trigger=\"age\"} 4\n"));
        CHECK(contains(text, "_total{pid=\"7\",server=\"nginx\",reason=\"upgrade\"} 2\n"));
        CHECK(
            contains(text, "_http2_told_total{pid=\"7\",server=\"nginx\",trigger=\"drain\"} 5\n"));
        CHECK(contains(text, "_http2_finished_total{pid=\"7\",server=\"nginx\"} 2\n"));
        CHECK(contains(text, "_http2_sent_on_total{pid=\"7\",server=\"nginx\"} 0\n"));
        CHECK_FALSE(contains(text, "reason=\"http2\""));
    }

    TEST_CASE("has in each bucket of a histogram those of the smaller ones as well") {
        ServerReport report = busy_server();
        report.numbers.total.ended.connections = {1, 2, 0, 4};
        report.numbers.total.ended.connections.back() = 8;
        report.numbers.total.ended.exchanges = 99;
        const std::string text = as_prometheus({report});
        const std::string name = "lastcall_connection_exchanges";
        const std::string labels = "{pid=\"7\",server=\"nginx\"";
        CHECK(contains(text, name + "_bucket" + labels + ",le=\"0\"} 1\n"));
        CHECK(contains(text, name + "_bucket" + labels + ",le=\"3\"} 3\n"));
        CHECK(contains(text, name + "_bucket" + labels + ",le=\"10000\"} 7\n"));
        CHECK(contains(text, name + "_bucket" + labels + ",le=\"+Inf\"} 15\n"));
        CHECK(contains(text, name + "_sum" + labels + "} 99\n"));
        CHECK(contains(text, name + "_count" + labels + "} 15\n"));
    }

    TEST_CASE("escapes labels and has each set of them once") {
        ServerReport report = busy_server();
        report.name = "a\"b\\c\n";
        const std::string once = as_prometheus({report});
        CHECK(contains(once, R"(server="a\"b\\c?")"));
        CHECK(as_prometheus({report, report}) == once);
    }

    TEST_CASE("of no server is the command's version alone") {
        CHECK(as_prometheus({}).ends_with(
            printed("\nlastcall_build_info{version=\"%s\"} 1\n", version)));
    }
}

}  // namespace
}  // namespace lastcall::command
