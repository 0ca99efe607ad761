// The text of /proc: a process's stat line, its status, a line of its maps. Pure; opens nothing.
#pragma once

#include "identity.hpp"

#include <lastcall/bytes.hpp>

#include <optional>
#include <string>

namespace lastcall::command {

struct Process {
    int pid = 0;
    int parent = 0;
    std::uint64_t start = 0;  // clock ticks since boot
    bool zombie = false;
};

// Of /proc/PID/stat. The name in it may hold blanks and parentheses.
[[nodiscard]] std::optional<Process> read_stat(Bytes text);

// Of /proc/PID/status: the process's id in its own pid namespace (the last of NSpid).
[[nodiscard]] std::optional<int> read_inner_pid(Bytes text);

// How many pid namespaces it is in, as seen from here: more than another, and it is in one below.
[[nodiscard]] std::size_t read_pid_depth(Bytes text);

// Of /proc/PID/status: the effective user and group, and the others.
[[nodiscard]] std::optional<Identity> read_identity(Bytes text);

struct Mapping {
    std::string range;   // as in the file: start-end
    std::string device;  // major:minor
    std::uint64_t inode = 0;
    std::string path;  // without " (deleted)"
};

// Of a line of /proc/PID/maps; empty if it maps no file.
[[nodiscard]] std::optional<Mapping> read_mapping(Bytes line);

// Of a line of /proc/PID/net/tcp or tcp6, if that socket listens.
struct Listener {
    std::uint16_t port = 0;
    std::uint64_t inode = 0;
};
[[nodiscard]] std::optional<Listener> read_listener(Bytes line);

// The inode of a socket, of a link in /proc/PID/fd; empty if it is none.
[[nodiscard]] std::optional<std::uint64_t> read_socket(Bytes link);

// Of /proc/PID/cmdline: the words with blanks between them.
[[nodiscard]] std::string read_command_line(Bytes text);

// Of /proc/stat: when the system was booted, in seconds of Unix time.
[[nodiscard]] std::optional<std::uint64_t> read_boot_time(Bytes text);

// What a status page's name tells, lastcall-<pid>-<start>; empty if it is called otherwise.
struct PageName {
    int pid = 0;  // of its maker, in its own pid namespace
    std::uint64_t start = 0;
};
[[nodiscard]] std::optional<PageName> read_page_name(Bytes path);
[[nodiscard]] bool is_page_name(Bytes path);

}  // namespace lastcall::command
