// A descriptor of a socket is a link named after the socket's inode.

#include "sockets.hpp"

#include "files.hpp"
#include "identity.hpp"
#include "text.hpp"

#include <cerrno>
#include <filesystem>

namespace lastcall::command {

namespace {

Ports read_ports(int pid) {
    Ports found;
    for (const char* const table : {"net/tcp", "net/tcp6"}) {
        each_line(proc_path(pid, table), [&](Bytes line) {
            const auto listener = read_listener(line);
            if (listener) found[listener->inode] = listener->port;
        });
    }
    return found;
}

}  // namespace

const Ports& Networks::ports_around(int pid) {
    std::string name;
    ask_as_process(pid, [&] { return !(name = link_target(proc_path(pid, "ns/net"))).empty(); });
    const auto known = known_.find(name);
    if (known != known_.end()) return known->second;
    return known_.emplace(name, read_ports(pid)).first->second;
}

std::optional<Ports> Networks::ports_of(int pid) {
    const Ports& around = ports_around(pid);
    Ports held;
    const bool seen = ask_as_process(pid, [&] {
        std::error_code error;
        std::filesystem::directory_iterator entry(proc_path(pid, "fd"), error);
        for (; !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
            constexpr Bytes prefix = "socket:[";
            errno = 0;
            const std::string target = link_target(entry->path().string());
            if (errno == EACCES) return false;  // root may list what it may not read
            if (!target.starts_with(prefix)) continue;
            const auto inode = whole_number(
                Bytes{target}.substr(prefix.size(), target.size() - prefix.size() - 1));
            const auto port = inode ? around.find(*inode) : around.end();
            if (port != around.end()) held.insert(*port);
        }
        return !error;
    });
    if (!seen) return {};
    return held;
}

}  // namespace lastcall::command
