// Claims about the first line of scripts.

#include "../../src/command/shebang.hpp"

#include <doctest/doctest.h>

namespace lastcall::command {
namespace {

struct Case {
    Bytes file;
    Bytes interpreter;  // empty: no script
    bool searched = false;
    bool loses_preload = false;
};

constexpr Case cases[] = {
    {"#!/bin/sh\necho", "/bin/sh"},
    {"#! /bin/sh -e\n", "/bin/sh"},
    {"#!/usr/bin/python3 -I", "/usr/bin/python3"},
    {"#!/usr/bin/python3\r\n", "/usr/bin/python3"},
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
    {"#!/usr/bin/env\n", "/usr/bin/env"},
    {"", ""},
    {"#", ""},
    {"#!", ""},
    {"#!\n/bin/sh", ""},
    {"#!   \n", ""},
    {"#!/usr/bin/env -S\n", ""},
    {"#!/usr/bin/env -S -i\n", ""},
    {"\x7f"
     "ELF",
     ""},
};

TEST_SUITE("first line of a script") {
    TEST_CASE("names the interpreter as the kernel and env find it") {
        for (const Case& one : cases) {
            CAPTURE(one.file);
            const auto found = read_shebang(one.file);
            CHECK(found.has_value() != one.interpreter.empty());
            if (!found) continue;
            CHECK(found->interpreter == one.interpreter);
            CHECK(found->searched == one.searched);
            CHECK(found->loses_preload == one.loses_preload);
        }
    }

    TEST_CASE("is read no further than the kernel does") {
        const std::string line = "#!/bin/" + std::string(10'000, 'a');
        CHECK(read_shebang(line)->interpreter.size() == 254);
    }
}

}  // namespace
}  // namespace lastcall::command
