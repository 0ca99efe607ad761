// Claims about the first line of scripts.

#include "../../src/command/programs/shebang.hpp"

#include <doctest/doctest.h>

namespace lastcall::command {
namespace {

struct Case {
    Bytes file;
    Bytes interpreter;  // empty: no script
    bool searched = false;
    bool loses_preload = false;
};

struct DeadEnd {
    Bytes file;
    Bytes why;
};

constexpr Case cases[] = {
    {"#!/bin/sh\necho", "/bin/sh"},
    {"#! /bin/sh -e\n", "/bin/sh"},
    {"#!/usr/bin/python3 -I", "/usr/bin/python3"},
    {"#!/usr/bin/python3\r\n", "/usr/bin/python3\r"},
    {"#!/usr/bin/env python3\r\n", "python3\r", true},
    {"#!/usr/bin/env -S -C / python3 -u\n", "python3", true},
    {"#!/usr/bin/env python3\n", "python3", true},
    {"#!/usr/bin/env -S python3 -u\n", "python3", true},
    {"#!/usr/bin/env -Spython3 -u\n", "python3", true},
    {"#!/usr/bin/env -S A=b C=d node --x\n", "node", true},
    {"#!/usr/bin/env -S /opt/x/bin/node --x\n", "/opt/x/bin/node"},
    {"#!/usr/bin/env python3 -u\n", "python3 -u", true},  // as the kernel passes it: one word
    {"#!/usr/bin/env -S -i python3\n", "python3", true, true},
    {"#!/usr/bin/env -S -u LD_PRELOAD python3\n", "python3", true, true},
    {"#!/usr/bin/env -S -u OTHER python3\n", "python3", true},
    {"#!/usr/bin/env -S LD_PRELOAD= python3\n", "python3", true, true},
    {"", ""},
    {"#", ""},
    {"#!", ""},
    {"#!\n/bin/sh", ""},
    {"#!   \n", ""},
    {"\x7f"
     "ELF",
     ""},
};

// As the kernel and GNU env were seen to do with each.
constexpr DeadEnd dead_ends[] = {
    {"#!/usr/bin/env\n", "without end"},
    {"#!/usr/bin/env -S\n", "without end"},
    {"#!/usr/bin/env -i\n", "without end"},
    {"#!/usr/bin/env -\n", "without end"},
    {"#!/usr/bin/env -S -i\n", "without end"},
    {"#!/usr/bin/env A=b\n", "without end"},
    {"#!/usr/bin/env -u LD_PRELOAD\n", "without end"},
    {"#!/usr/bin/env -i python3\n", "env -S"},
    {"#!/usr/bin/env -v python3 -u\n", "env -S"},
};

TEST_SUITE("first line of a script") {
    TEST_CASE("names the interpreter as the kernel and env find it") {
        for (const Case& one : cases) {
            CAPTURE(one.file);
            const auto found = read_shebang(one.file);
            CHECK(found.has_value() != one.interpreter.empty());
            if (!found) continue;
            CHECK(found->interpreter == one.interpreter);
            CHECK(found->dead_end == nullptr);
            CHECK(found->searched == one.searched);
            CHECK(found->loses_preload == one.loses_preload);
        }
    }

    TEST_CASE("may lead env nowhere") {
        for (const DeadEnd& one : dead_ends) {
            CAPTURE(one.file);
            const auto found = read_shebang(one.file);
            REQUIRE(found.has_value());
            REQUIRE(found->dead_end != nullptr);
            CHECK(Bytes{found->dead_end}.find(one.why) != Bytes::npos);
        }
    }

    TEST_CASE("gives its interpreter a carriage return behind an argument alone") {
        CHECK(read_shebang("#!/usr/bin/python3 -u\r\n")->ends_in_return);
        CHECK_FALSE(read_shebang("#!/usr/bin/python3\r\n")->ends_in_return);
        CHECK_FALSE(read_shebang("#!/usr/bin/env -S python3 -u\r\n")->ends_in_return);
    }

    TEST_CASE("is not needed by a text") {
        CHECK(is_text("echo hello\n"));
        CHECK(is_text(""));
        CHECK_FALSE(is_text({"echo\0", 5}));
        CHECK_FALSE(
            is_text("\x7f"
                    "ELF"));
    }

    TEST_CASE("is read no further than the kernel does") {
        const std::string line = "#!/bin/" + std::string(10'000, 'a');
        CHECK(read_shebang(line)->interpreter.size() == 254);
    }
}

}  // namespace
}  // namespace lastcall::command
