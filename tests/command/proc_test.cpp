// Claims about the text of /proc.

#include "../../src/command/processes/proc.hpp"

#include <doctest/doctest.h>

namespace lastcall::command {
namespace {

constexpr Bytes numbers = " 1 2 3 0 -1 4194560 9 0 0 0 0 0 0 0 20 0 1 0 777 8888 99";

TEST_SUITE("/proc/PID/stat") {
    TEST_CASE("gives the id, the parent and the start time") {
        const auto process = read_stat("42 (nginx) S" + std::string{numbers});
        REQUIRE(process);
        CHECK(process->pid == 42);
        CHECK(process->parent == 1);
        CHECK(process->start == 777);
        CHECK_FALSE(process->zombie);
    }

    TEST_CASE("holds a name with blanks and parentheses") {
        for (const Bytes name : {"a b", ") Z 9 9", "((", ""}) {
            const auto process =
                read_stat("42 (" + std::string{name} + ") Z" + std::string{numbers});
            REQUIRE(process);
            CHECK(process->parent == 1);
            CHECK(process->zombie);
        }
    }

    TEST_CASE("cut off, gives nothing") {
        CHECK_FALSE(read_stat(""));
        CHECK_FALSE(read_stat("42 (nginx) S 1 2"));
        CHECK_FALSE(read_stat("x (nginx) S" + std::string{numbers}));
    }
}

TEST_SUITE("/proc/PID/status") {
    TEST_CASE("ends NSpid with the id in the innermost namespace") {
        CHECK(*read_inner_pid("Name:\tx\nNSpid:\t4711\t12\t1\nNSpgid:\t1\n") == 1);
        CHECK(*read_inner_pid("Name:\tx\nNSpid:\t4711\n") == 4711);
        CHECK_FALSE(read_inner_pid("Name:\tNSpid: 1\n"));
    }

    TEST_CASE("tells the effective user, group and groups") {
        const auto identity = read_identity(
            "Name:\tx\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nFDSize:\t64\nGroups:\t9 10 \n");
        REQUIRE(identity);
        CHECK(identity->user == 2);
        CHECK(identity->group == 6);
        CHECK(identity->groups == std::vector<gid_t>{9, 10});
        CHECK_FALSE(read_identity("Name:\tx\nUid:\t1\t2\n"));
        CHECK_FALSE(read_identity(""));
    }
}

TEST_SUITE("/proc/PID/maps") {
    TEST_CASE("a line gives the file and where it lies") {
        const auto mapping = read_mapping(
            "7f0000000000-7f0000007000 rw-s 00000000 00:1a 42        /dev/shm/lastcall-1-2");
        REQUIRE(mapping);
        CHECK(mapping->range == "7f0000000000-7f0000007000");
        CHECK(mapping->device == "00:1a");
        CHECK(mapping->inode == 42);
        CHECK(mapping->path == "/dev/shm/lastcall-1-2");
    }

    TEST_CASE("a path may hold blanks and newlines, and the file be deleted") {
        CHECK(read_mapping("1-2 rw-s 0 00:1a 42  /a b/lastcall-1-2")->path == "/a b/lastcall-1-2");
        CHECK(read_mapping("1-2 rw-s 0 00:1a 42  /a\\012b")->path == "/a\nb");
        CHECK(read_mapping("1-2 rw-s 0 00:1a 42  /a/b (deleted)")->path == "/a/b");
    }

    TEST_CASE("memory without a file is none") {
        CHECK_FALSE(read_mapping("1-2 rw-p 0 00:00 0"));
        CHECK_FALSE(read_mapping("1-2 rw-p 0 00:00 0   [stack]"));
        CHECK_FALSE(read_mapping(""));
        CHECK_FALSE(read_mapping("  "));
    }
}

TEST_SUITE("a line of net/tcp") {
    TEST_CASE("tells the port and the socket of who listens") {
        const auto found = read_listener(
            "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000   "
            "     0 41234 1 0000000000000000 100 0 0 10 0");
        REQUIRE(found);
        CHECK(found->port == 8080);
        CHECK(found->inode == 41234);
        CHECK(read_listener("0: 00000000000000000000000000000000:0050 0:0 0A 0 0 0 0 0 7")->port ==
              80);
    }

    TEST_CASE("of another kind tells nothing") {
        CHECK_FALSE(read_listener("0: 0100007F:1F90 0100007F:1F91 01 0 0 0 0 0 7"));
        CHECK_FALSE(read_listener("  sl  local_address rem_address   st tx_queue"));
        CHECK_FALSE(read_listener("0: 0100007F:XX 0:0 0A 0 0 0 0 0 7"));
        CHECK_FALSE(read_listener("0: 0100007F 0:0 0A 0 0 0 0 0 x"));
        CHECK_FALSE(read_listener(""));
    }
}

TEST_SUITE("name of a page") {
    TEST_CASE("is lastcall, a process id and a start time") {
        CHECK(read_page_name("/dev/shm/lastcall-12-3456")->pid == 12);
        CHECK(read_page_name("/dev/shm/lastcall-12-3456")->start == 3456);
        CHECK(is_page_name("/dev/shm/lastcall-12-3456"));
        CHECK(is_page_name("lastcall-1-2"));
        for (const Bytes name :
             {"/x/lastcall-1", "/x/lastcall-1-", "/x/lastcall-a-2", "/x/lastcall-1-2-3",
              "/x/liblastcall.so", "/x/lastcall-1-2.tmp", "/lastcall-1-2/x", ""}) {
            CHECK_FALSE(is_page_name(name));
        }
    }
}

TEST_SUITE("/proc/PID/net/tcp") {
    constexpr Bytes heading =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
        "timeout inode";
    constexpr Bytes rest = " 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100";

    TEST_CASE("gives port and inode of what listens") {
        for (const Bytes local : {"0100007F:1F90", "00000000000000000000000001000000:1F90"}) {
            const auto found = read_listener("   0: " + std::string{local} + " 00000000:0000 0A" +
                                             std::string{rest});
            REQUIRE(found);
            CHECK(found->port == 8080);
            CHECK(found->inode == 4711);
        }
    }

    TEST_CASE("gives nothing of its heading, of a connection, and of what is damaged") {
        CHECK_FALSE(read_listener(heading));
        for (const Bytes line :
             {"0: 0100007F:1F90 0100007F:AC34 01", "0: 0100007F:XX 00000000:0000 0A",
              "0: 0100007F 00000000:0000 0A", "0: 0100007F:11F90 00000000:0000 0A"}) {
            CHECK_FALSE(read_listener(std::string{line} + std::string{rest}));
        }
        CHECK_FALSE(read_listener("0: 0100007F:1F90 00000000:0000 0A 00000000:00000000"));
    }
}

TEST_SUITE("/proc/PID/fd") {
    TEST_CASE("tells a socket by its inode") {
        CHECK(read_socket("socket:[4711]") == 4711);
        for (const Bytes other : {"pipe:[4711]", "/socket:[4711]", "socket:[4711", "socket:[]", ""})
            CHECK_FALSE(read_socket(other));
    }
}

TEST_SUITE("/proc/PID/cmdline") {
    TEST_CASE("has its words with blanks between") {
        CHECK(read_command_line(Bytes("nginx\0-g\0\0daemon off;\0", 22)) ==
              "nginx -g  daemon off;");
        CHECK(read_command_line(Bytes("nginx: master process\0\0\0", 24)) ==
              "nginx: master process");
        CHECK(read_command_line("").empty());
    }
}

TEST_SUITE("/proc/stat") {
    TEST_CASE("tells when the system was booted") {
        CHECK(read_boot_time("cpu 1 2 3\nbtime 1700000000\nprocesses 5\n") == 1'700'000'000);
        CHECK_FALSE(read_boot_time("cpu 1 2 3\n"));
    }
}

}  // namespace
}  // namespace lastcall::command
