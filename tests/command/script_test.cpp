// Claims about what scripts and wrappers start.

#include "../../src/command/programs/script.hpp"

#include <doctest/doctest.h>

namespace lastcall::command {
namespace {

using Commands = std::vector<Words>;

Commands commands(Bytes script) { return commands_in_place(script, {"server", "-x"}); }

TEST_SUITE("a program that only starts others") {
    TEST_CASE("is known by its name") {
        for (const char* const name : {"tini", "/usr/bin/tini-static", "gosu", "su", "sudo",
                                       "/bin/sh", "setpriv", "/lastcall/lastcall"}) {
            CAPTURE(name);
            CHECK(only_starts({name, "x"}));
        }
        CHECK_FALSE(only_starts({"nginx"}));
        CHECK_FALSE(only_starts({}));
    }

    TEST_CASE("is busybox if its applet is") {
        CHECK(only_starts({"/bin/busybox", "sh", "-c", "x"}));
        CHECK_FALSE(only_starts({"/bin/busybox", "httpd", "-f"}));
        CHECK_FALSE(only_starts({"busybox"}));
    }
}

TEST_SUITE("shell script") {
    TEST_CASE("it starts what it execs, and what its last command names") {
        CHECK(commands("#!/bin/sh\nset -e\nexec /srv/server --port 80\n") ==
              Commands{{"/srv/server", "--port", "80"}});
        CHECK(commands("cd /srv\n./server &\nexec other\nserver -y\n# end\n") ==
              Commands{{"other"}, {"server", "-y"}});
        CHECK(commands("cd /srv && exec ./server") == Commands{{"./server"}});
        CHECK(commands("if true; then exec a; else exec b; fi\n") == Commands{{"a"}, {"b"}});
    }

    TEST_CASE("its arguments stand where it says so") {
        CHECK(commands("exec \"$@\"\n") == Commands{{"server", "-x"}});
        CHECK(commands("exec gosu www $@\n") == Commands{{"gosu", "www", "server", "-x"}});
        CHECK(commands("exec '$other'\n") == Commands{{"$other"}});
    }

    TEST_CASE("assignments, options of exec, quotes and continued lines are understood") {
        CHECK(commands("A=b exec -a name -c '/srv/the server' \"two words\" \\\n  -z") ==
              Commands{{"/srv/the server", "two words", "-z"}});
        CHECK(commands("exec a>/dev/null 2>&1") == Commands{{"a>/dev/null", "2>&1"}});
        CHECK(commands("echo it\\'s # exec never\nexec yes") == Commands{{"yes"}});
    }

    TEST_CASE("of anything, something is made") {
        CHECK(commands("").empty());
        CHECK(commands("exec").empty());
        CHECK(commands("exec -a").empty());
        for (const Bytes text : {"'", "\"", "\\", "exec '", "exec \\", "((((", "exec -a x -"}) {
            static_cast<void>(commands(text));
        }
    }
}

TEST_SUITE("wrapper") {
    TEST_CASE("what it starts is behind its options, their values and its operands") {
        const Words server{"/srv/server", "-x"};
        const auto behind = [&](Words command) {
            command.insert(command.end(), server.begin(), server.end());
            return behind_wrapper(command);
        };
        CHECK(behind({"tini", "--"}) == server);
        CHECK(behind({"/sbin/tini", "-g", "-e", "143"}) == server);
        CHECK(behind({"dumb-init", "-r", "15:2"}) == server);
        CHECK(behind({"gosu", "www"}) == server);
        CHECK(behind({"su-exec", "www:www"}) == server);
        CHECK(behind({"env", "-i", "-u", "HOME", "A=b", "C=d"}) == server);
        CHECK(behind({"timeout", "-k", "5", "60"}) == server);
    }

    TEST_CASE("of what is no wrapper, or starts nothing, nothing is said") {
        CHECK(behind_wrapper({}).empty());
        CHECK(behind_wrapper({"nginx", "-g", "x"}).empty());
        CHECK(behind_wrapper({"env", "A=b"}).empty());
        CHECK(behind_wrapper({"tini", "-p"}).empty());
        CHECK(behind_wrapper({"gosu", "www"}).empty());
    }
}

}  // namespace
}  // namespace lastcall::command
