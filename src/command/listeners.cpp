// The kernel lists listening sockets before all others, so that a server with many connections is
// not read to the end of them.

#include "listeners.hpp"

#include "files.hpp"
#include "identity.hpp"
#include "text.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <set>

namespace lastcall::command {
namespace {

using Listening = std::map<std::uint64_t, std::uint16_t>;  // inode of the socket, port

// Of the network namespace that the process is in.
Listening listening_near(const std::string& process) {
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

// Where its first descriptors lead. Who may list them need not be one who may look where.
std::vector<std::string> links_of(int pid, std::size_t most) {
    namespace fs = std::filesystem;
    std::vector<std::string> links;
    ask_as_process(pid, [&] {
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
    return links;
}

std::vector<std::uint64_t> sockets_of(int pid, std::size_t most) {
    std::vector<std::uint64_t> found;
    for (const std::string& link : links_of(pid, most)) {
        if (const auto inode = read_socket(link)) found.push_back(*inode);
    }
    return found;
}

}  // namespace

std::vector<std::uint16_t> listening_ports(int pid) {
    constexpr std::size_t most = 4096;
    const Listening listening = listening_near(std::to_string(pid));
    if (listening.empty()) return {};
    std::set<std::uint16_t> ports;
    for (const std::uint64_t socket : sockets_of(pid, most)) {
        const auto found = listening.find(socket);
        if (found != listening.end()) ports.insert(found->second);
    }
    return {ports.begin(), ports.end()};
}

Processes listeners(std::uint16_t port, const Processes& among) {
    Listening listening = listening_near("self");
    std::erase_if(listening, [&](const auto& one) { return one.second != port; });
    Processes found;
    if (listening.empty()) return found;
    for (const Process& process : among) {
        const auto sockets = sockets_of(process.pid, std::numeric_limits<std::size_t>::max());
        if (std::any_of(sockets.begin(), sockets.end(),
                        [&](std::uint64_t socket) { return listening.contains(socket); })) {
            found.push_back(process);
        }
    }
    return found;
}

bool is_listened_on(std::uint16_t port) {
    const Listening listening = listening_near("self");
    return std::any_of(listening.begin(), listening.end(),
                       [&](const auto& one) { return one.second == port; });
}

}  // namespace lastcall::command
