// Claims about the table of options and about how words become arguments.

#include "../../src/command/options.hpp"

#include "../../src/command/near_miss.hpp"
#include "../../src/command/values.hpp"

#include <doctest/doctest.h>

#include <set>

namespace lastcall::command {
namespace {

Arguments arguments(const char* subcommand, std::vector<Bytes> words) {
    return {find_subcommand(subcommand), words};
}

std::string complaint(const char* subcommand, std::vector<Bytes> words) {
    try {
        const Arguments parsed = arguments(subcommand, std::move(words));
        return "none";
    } catch (const UsageError& error) {
        return error.what();
    }
}

std::string unknown_subcommand(Bytes name) {
    try {
        return find_subcommand(name).name;
    } catch (const UsageError& error) {
        return error.what();
    }
}

TEST_SUITE("table of options") {
    TEST_CASE("every subcommand has a name of its own, a summary and notes") {
        std::set<Bytes> names;
        for (const Subcommand& subcommand : subcommands()) {
            CHECK(names.insert(subcommand.name).second);
            CHECK_FALSE(Bytes{subcommand.summary}.empty());
            CHECK(Bytes{subcommand.notes}.ends_with('\n'));
        }
    }

    TEST_CASE("no two options of a subcommand share a name or a letter") {
        for (const Subcommand& subcommand : subcommands()) {
            std::set<Bytes> names{help_option.name};
            std::set<char> letters{help_option.letter};
            for (const Option& option : subcommand.options) {
                CHECK(names.insert(option.name).second);
                CHECK((option.letter == 0 || letters.insert(option.letter).second));
            }
        }
    }

    TEST_CASE("an option with a setting's form names a setting") {
        for (const Subcommand& subcommand : subcommands()) {
            for (const Option& option : subcommand.options) {
                if (option.variable == nullptr) continue;
                CHECK(option.value != nullptr);
                CHECK_FALSE(Bytes{accepted(option.variable)}.empty());
            }
        }
    }

    TEST_CASE("run has a flag for every setting but the switch, whose flag is observe") {
        std::set<Bytes> variables;
        for (const Option& option : find_subcommand("run").options) {
            if (option.variable != nullptr) variables.insert(option.variable);
        }
        for (const Setting& setting : settings_table()) {
            const Bytes variable = setting.variable;
            CHECK((variable == "LASTCALL" || variables.contains(variable)));
        }
    }

    TEST_CASE("help names every option and no line of it is wider than 100 columns") {
        for (const Subcommand& subcommand : subcommands()) {
            const std::string text = help(subcommand);
            for (const Option& option : subcommand.options) {
                CHECK(text.find(std::string{"--"} + option.name) != std::string::npos);
            }
            std::size_t column = 0;
            for (const char c : text) {
                const bool counts =
                    (static_cast<unsigned char>(c) & 0xc0) != 0x80;  // not UTF-8's rest
                column = c == '\n' ? 0 : column + (counts ? 1 : 0);
                CHECK(column <= 100);
            }
        }
    }
}

TEST_SUITE("arguments") {
    TEST_CASE("a value follows its option, apart or joined") {
        for (const std::vector<Bytes>& words :
             {std::vector<Bytes>{"-n", "5", "x"}, std::vector<Bytes>{"-n5", "x"},
              std::vector<Bytes>{"--requests", "5", "x"},
              std::vector<Bytes>{"--requests=5", "x"}}) {
            const Arguments parsed = arguments("run", words);
            CHECK(*parsed.value("requests") == "5");
            CHECK(parsed.operands().size() == 1);
        }
    }

    TEST_CASE("the last of several counts") {
        CHECK(*arguments("run", {"-n1", "-n2", "x"}).value("requests") == "2");
    }

    TEST_CASE("what run starts keeps its options") {
        const Arguments parsed = arguments("run", {"--observe", "nginx", "-n", "5", "--", "--age"});
        CHECK(parsed.has("observe"));
        CHECK_FALSE(parsed.has("requests"));
        CHECK(parsed.operands().size() == 5);
        CHECK(arguments("run", {"--", "-n", "5"}).operands().size() == 2);
    }

    TEST_CASE("elsewhere options may follow operands") {
        const Arguments parsed = arguments("drain", {"12", "--over", "20s", "--wait"});
        CHECK(parsed.has("wait"));
        CHECK(*parsed.value("over") == "20s");
        CHECK(parsed.operands()[0] == "12");
    }

    TEST_CASE("an empty value is a value, and a lone hyphen an operand") {
        CHECK(*arguments("run", {"--age=", "x"}).value("age") == "");
        CHECK(arguments("check", {"-"}).operands().size() == 1);
    }

    TEST_CASE("an unknown option is refused with the near miss") {
        CHECK(complaint("status", {"--jsno"}) == "no option \"--jsno\"; did you mean --json?");
        CHECK(complaint("status", {"--prom"}) ==
              "no option \"--prom\"; did you mean --prometheus?");
        CHECK(complaint("run", {"--request=5"}) ==
              "no option \"--request\"; did you mean --requests?");
        CHECK(complaint("drain", {"-o"}) == "no option \"-o\"; did you mean --over?");
        CHECK(complaint("drain", {"--qqqqqq"}) == "no option \"--qqqqqq\"");
    }

    TEST_CASE("a value that is missing, or one too many, is refused") {
        CHECK(complaint("run", {"--age"}) == "--age needs D");
        CHECK(complaint("run", {"-n"}) == "-n needs N");
        CHECK(complaint("drain", {"--wait=5s"}) == "--wait takes no value");
    }

    TEST_CASE("an unknown subcommand is refused with the near miss") {
        CHECK(unknown_subcommand("statsu") == "no subcommand \"statsu\"; did you mean status?");
        CHECK(unknown_subcommand("--versoin") ==
              "no option \"--versoin\"; did you mean --version?");
        CHECK(unknown_subcommand("xyzzy") == "no subcommand \"xyzzy\"");
        CHECK(unknown_subcommand("\x1b[2J") == "no subcommand \"?[2J\"");
    }
}

TEST_SUITE("near miss") {
    TEST_CASE("distance counts letters added, dropped, changed and swapped") {
        CHECK(distance("", "") == 0);
        CHECK(distance("age", "") == 3);
        CHECK(distance("rate", "rat") == 1);
        CHECK(distance("rate", "rote") == 1);
        CHECK(distance("rate", "raet") == 1);
        CHECK(distance("kitten", "sitting") == 3);
    }

    TEST_CASE("very long words have none") {
        const std::string typed(100'000, 'a');
        CHECK(near_miss(typed, std::array<Bytes, 1>{"age"}).empty());
    }
}

TEST_SUITE("values") {
    TEST_CASE("are written in a form that reads back to the same") {
        for (const std::uint32_t age : {0U, 1U, 999U, 1000U, 1500U, 60'000U, 90'000U, 3'600'000U}) {
            Settings settings;
            read_value("LASTCALL_AGE", age_text(age), "age", settings);
            CHECK(settings.policy.age == age);
        }
        CHECK(age_text(90'000) == "90s");
        CHECK(requests_text(0) == "off");
        CHECK(rate_text(50) == "50/s");
        CHECK(jitter_text(10) == "10%");
    }

    TEST_CASE("a duration is an age that is not off") {
        CHECK(read_duration("20s", "--over") == 20'000);
        CHECK_THROWS_AS(static_cast<void>(read_duration("off", "--over")), UsageError);
        CHECK_THROWS_AS(static_cast<void>(read_duration("20", "--over")), UsageError);
    }

    TEST_CASE("a process id is a whole number from 1") {
        CHECK(read_pid("1") == 1);
        for (const char* const bad : {"", "0", "-1", "1x", "2147483648", "99999999999999999999"}) {
            CHECK_THROWS_AS(static_cast<void>(read_pid(bad)), UsageError);
        }
    }
}

}  // namespace
}  // namespace lastcall::command
