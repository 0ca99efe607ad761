// The kernel lists listening sockets before all others, so that a server with many connections is
// not read to the end of them.

#include "listeners.hpp"

#include "../files.hpp"
#include "../text.hpp"
#include "identity.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <set>

namespace lastcall::command {
namespace {

// Of the network namespace that the process is in.
Listening listening_in(const std::string& process) {
    Listening found;
    for (const char* const table : {"/net/tcp", "/net/tcp6"}) {
        bool heading = true;
        each_line_while("/proc/" + process + table, [&](Bytes line) {
            const auto listener = read_listener(line);
            if (listener) found[listener->inode] = listener->port;
            return listener || std::exchange(heading, false);
        });
    }
    return found;
}

using Links = std::vector<std::string>;

// Where its first descriptors lead. Who may list them need not be one who may look where.
std::optional<Links> links_of(int pid, std::size_t most) {
    namespace fs = std::filesystem;
    Links links;
    const bool seen = ask_as_process(pid, [&] {
        links.clear();
        std::error_code error;
        fs::directory_iterator entry(proc_path(pid, "fd"), error);
        while (!error && links.size() < most && entry != fs::directory_iterator{}) {
            links.push_back(link_target(entry->path().string()));
            entry.increment(error);
        }
        const auto is_empty = [](const std::string& link) { return link.empty(); };
        return !error && (links.empty() || !std::all_of(links.begin(), links.end(), is_empty));
    });
    if (!seen) return {};
    return links;
}

Listening chosen(const Listening& listening, const Links& links) {
    Listening found;
    for (const std::string& link : links) {
        const auto inode = read_socket(link);
        const auto listens = inode ? listening.find(*inode) : listening.end();
        if (listens != listening.end()) found.insert(*listens);
    }
    return found;
}

constexpr std::size_t all_links = std::numeric_limits<std::size_t>::max();

}  // namespace

Listening listening_near(int pid) { return listening_in(std::to_string(pid)); }

std::optional<Listening> listening_of(int pid) {
    const auto links = links_of(pid, all_links);
    if (!links) return {};
    // The kernel walks all its sockets for the table: not for a process that has none.
    const bool any = std::any_of(links->begin(), links->end(), [](const std::string& link) {
        return read_socket(link).has_value();
    });
    return any ? chosen(listening_near(pid), *links) : Listening{};
}

std::vector<std::uint16_t> listening_ports(int pid) {
    constexpr std::size_t most = 4096;
    const Listening listening = listening_near(pid);
    if (listening.empty()) return {};
    std::set<std::uint16_t> ports;
    for (const auto& [inode, port] : chosen(listening, links_of(pid, most).value_or(Links{}))) {
        ports.insert(port);
    }
    return {ports.begin(), ports.end()};
}

Processes listeners(std::uint16_t port, const Processes& among) {
    Listening listening = listening_in("self");
    std::erase_if(listening, [&](const auto& one) { return one.second != port; });
    Processes found;
    if (listening.empty()) return found;
    for (const Process& process : among) {
        const auto links = links_of(process.pid, all_links);
        if (links && !chosen(listening, *links).empty()) found.push_back(process);
    }
    return found;
}

bool is_listened_on(std::uint16_t port) {
    const Listening listening = listening_in("self");
    return std::any_of(listening.begin(), listening.end(),
                       [&](const auto& one) { return one.second == port; });
}

}  // namespace lastcall::command
