// Claims about command lines that give what they start a new environment.

#include "../../src/command/environment.hpp"

#include <doctest/doctest.h>

namespace lastcall::command {
namespace {

struct Case {
    Words command;
    const char* starter;  // empty: the environment stays
};

// As env, sudo, su, runuser and setpriv were seen to do, asked by root.
const Case cases[] = {
    {{"env", "-i", "x"}, "env"},
    {{"/usr/bin/env", "-vi", "x"}, "env"},
    {{"env", "A=1", "-i"}, ""},
    {{"env", "-u", "A", "--", "x"}, ""},
    {{"env", "-i", "lastcall", "run", "--", "x"}, ""},
    {{"sudo", "-u", "www", "x"}, "sudo"},
    {{"sudo", "-E", "x"}, "sudo"},
    {{"sudo", "--preserve-env=LD_PRELOAD", "x"}, ""},
    {{"sudo", "-u", "www", "/lastcall/lastcall", "run", "--", "x"}, ""},
    {{"tini", "-s", "--", "sudo", "x"}, "sudo"},
    {{"su", "-", "www", "-c", "x"}, "su"},
    {{"su", "-l", "www"}, "su"},
    {{"su", "www", "-c", "x -"}, ""},
    {{"su", "www", "-c", "-"}, ""},
    {{"su", "-", "www", "-c", "lastcall run -- x"}, ""},
    {{"runuser", "-l", "www", "-c", "x"}, "runuser"},
    {{"runuser", "-u", "www", "x"}, ""},
    {{"setpriv", "--reset-env", "x"}, "setpriv"},
    {{"setpriv", "--reuid=1", "x"}, ""},
    {{"gosu", "www", "x"}, ""},
    {{}, ""},
};

TEST_SUITE("a new environment") {
    TEST_CASE("is told, with the program that makes it") {
        for (const Case& one : cases) {
            CAPTURE(one.command);
            CHECK(begins_anew(one.command) == one.starter);
        }
    }
}

}  // namespace
}  // namespace lastcall::command
