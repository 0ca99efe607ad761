// Claims about the settings' names, forms and meanings. How a process comes by their values is the
// guest's business.

#include <lastcall/settings.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>

namespace lastcall {
namespace {

// The settings after one value, or nothing if it is bad.
std::optional<Settings> with(Bytes variable, Bytes value) {
    for (const Setting& setting : settings_table()) {
        Settings settings;
        if (variable == setting.variable && setting.read(value, settings)) return settings;
    }
    return {};
}

void all_bad(Bytes variable, std::initializer_list<Bytes> values) {
    for (const Bytes value : values) {
        CAPTURE(value);
        CHECK_FALSE(with(variable, value));
    }
}

std::string ports_in(Bytes value, std::initializer_list<std::uint16_t> asked) {
    const auto settings = with("LASTCALL_PORTS", value);
    REQUIRE(settings);
    std::string found;
    for (const std::uint16_t port : asked) {
        if (settings->ports.contains(port)) found += std::to_string(port) + ' ';
    }
    return found;
}

TEST_SUITE("settings table") {
    TEST_CASE("the page's mode is one of five, in octal") {
        CHECK(with("LASTCALL_STATUS_MODE", "0600")->others == 0);
        CHECK(with("LASTCALL_STATUS_MODE", "0640")->others == 040);
        CHECK(with("LASTCALL_STATUS_MODE", "0666")->others == 066);
        all_bad("LASTCALL_STATUS_MODE", {"", "640", "0777", "0604", "0640 ", "rw-r-----", "off"});
    }

    TEST_CASE("the switch comes first, so that off makes the rest moot") {
        CHECK(Bytes{settings_table()[0].variable} == "LASTCALL");
    }

    TEST_CASE("every setting has a name of its own and says what it accepts") {
        for (const Setting& setting : settings_table()) {
            CHECK(Bytes{setting.variable}.starts_with("LASTCALL"));
            CHECK_FALSE(Bytes{setting.accepted}.empty());
            for (const Setting& other : settings_table()) {
                CHECK((&setting == &other || Bytes{setting.variable} != other.variable));
            }
        }
    }

    TEST_CASE("no setting accepts an empty value, white space, a sign or a NUL") {
        for (const Setting& setting : settings_table()) {
            all_bad(setting.variable, {{},
                                       "",
                                       " ",
                                       "+1",
                                       "-1",
                                       "1 ",
                                       " 1",
                                       "on ",
                                       " off",
                                       "1\n",
                                       "off\n",
                                       {"1\0", 2},
                                       {"on\0", 3},
                                       "ON",
                                       "Off"});
        }
    }

    TEST_CASE("unset, it is on, with 1000 requests, on all ports") {
        constexpr Settings settings;
        CHECK(settings.mode == Mode::on);
        CHECK(settings.policy.requests == 1000);
        CHECK(settings.ports.all());
    }
}

TEST_SUITE("LASTCALL") {
    TEST_CASE("is on, off or observe") {
        CHECK(with("LASTCALL", "observe")->mode == Mode::observe);
        CHECK(with("LASTCALL", "on")->mode == Mode::on);
        CHECK(with("LASTCALL", "off")->mode == Mode::off);
    }

    TEST_CASE("is nothing else") { all_bad("LASTCALL", {"0", "1", "no", "o", "offf", "true"}); }
}

TEST_SUITE("LASTCALL_REQUESTS") {
    TEST_CASE("is a whole number from 1 to 2147483647") {
        CHECK(with("LASTCALL_REQUESTS", "1")->policy.requests == 1);
        CHECK(with("LASTCALL_REQUESTS", "007")->policy.requests == 7);
        CHECK(with("LASTCALL_REQUESTS", "2147483647")->policy.requests == 2147483647);
    }

    TEST_CASE("off means no limit") {
        CHECK_FALSE(limits(with("LASTCALL_REQUESTS", "off")->policy));
    }

    TEST_CASE("is no other number") {
        all_bad("LASTCALL_REQUESTS", {"0", "00", "2147483648", "4294967297", "18446744073709551617",
                                      "1.0", "1e3", "0x10", "1,000", "10k", "on", "offoff"});
    }
}

TEST_SUITE("LASTCALL_AGE") {
    TEST_CASE("is a whole number with its unit") {
        CHECK(with("LASTCALL_AGE", "1ms")->policy.age == 1);
        CHECK(with("LASTCALL_AGE", "90s")->policy.age == 90'000);
        CHECK(with("LASTCALL_AGE", "15m")->policy.age == 900'000);
        CHECK(with("LASTCALL_AGE", "2h")->policy.age == 7'200'000);
        CHECK(with("LASTCALL_AGE", "596h")->policy.age == 2'145'600'000);
        CHECK(with("LASTCALL_AGE", "off")->policy.age == 0);
    }

    TEST_CASE("is nothing else") {
        all_bad("LASTCALL_AGE", {"1", "0s", "s", "1 s", "1d", "1.5s", "1sec", "1S", "597h", "1ss",
                                 "9999999999ms", "on"});
    }
}

TEST_SUITE("LASTCALL_JITTER") {
    TEST_CASE("is a whole percentage") {
        CHECK(with("LASTCALL_JITTER", "0%")->policy.jitter == 0);
        CHECK(with("LASTCALL_JITTER", "100%")->policy.jitter == 100);
    }

    TEST_CASE("is nothing else") {
        all_bad("LASTCALL_JITTER", {"10", "101%", "%", "1.5%", "10%%", "10 %", "off"});
    }
}

TEST_SUITE("LASTCALL_RATE") {
    TEST_CASE("is a whole number a second") {
        CHECK(with("LASTCALL_RATE", "50/s")->policy.rate == 50);
        CHECK(with("LASTCALL_RATE", "1000000/s")->policy.rate == 1'000'000);
        CHECK(with("LASTCALL_RATE", "off")->policy.rate == 0);
    }

    TEST_CASE("is nothing else") {
        all_bad("LASTCALL_RATE", {"50", "0/s", "/s", "50/m", "1000001/s", "50 /s", "50/s "});
    }
}

TEST_SUITE("LASTCALL_STATUS") {
    TEST_CASE("is an absolute path that fits") {
        CHECK(Bytes{with("LASTCALL_STATUS", "/run")->status.data()} == "/run");
        CHECK(with("LASTCALL_STATUS", "off")->status[0] == '\0');
        CHECK(with("LASTCALL_STATUS", "/" + std::string(198, 'x')));
    }

    TEST_CASE("is nothing else") {
        all_bad("LASTCALL_STATUS", {"run", "./run", "on"});
        CHECK_FALSE(with("LASTCALL_STATUS", "/" + std::string(199, 'x')));
    }
}

TEST_SUITE("LASTCALL_PORTS") {
    TEST_CASE("is a list of ports and ranges, ends included") {
        CHECK(ports_in("80", {79, 80, 81, 8080}) == "80 ");
        CHECK(ports_in("80,443", {80, 81, 442, 443}) == "80 443 ");
        CHECK(ports_in("80,8080-8090", {80, 8079, 8080, 8085, 8090, 8091}) == "80 8080 8085 8090 ");
        CHECK(ports_in("80-80", {79, 80, 81}) == "80 ");
        CHECK(ports_in("1-65535", {1, 63, 64, 65, 32768, 65535}) == "1 63 64 65 32768 65535 ");
        CHECK(ports_in("65535,1", {1, 2, 65534, 65535}) == "1 65535 ");
        CHECK(ports_in("60-70,65-90,80", {59, 60, 90, 91}) == "60 90 ");
    }

    TEST_CASE("given, it is not all ports") {
        CHECK_FALSE(with("LASTCALL_PORTS", "1-65535")->ports.all());
    }

    TEST_CASE("is nothing else") {
        all_bad("LASTCALL_PORTS",
                {"0",     "65536", "0-80", "80-65536", "90-80",      "80-",    "-80",    "-",
                 ",",     "80,",   ",80",  "80,,81",   "80-81-82",   "80, 81", "80 -81", "http",
                 "80:81", "all",   "*",    "80;81",    "4294967376", "on"});
    }
}

}  // namespace
}  // namespace lastcall
