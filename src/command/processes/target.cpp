// Among processes of one name, or on one port, those that have a status page are meant, and of
// these the ancestors of the others: a supervisor that happens to be written in the same language,
// or that passed the socket on, is not, as long as a server itself is there. Only if none has a
// page do the others count, each for what it has started.

#include "target.hpp"

#include "../near_miss.hpp"
#include "../options.hpp"
#include "../text.hpp"
#include "../values.hpp"
#include "listeners.hpp"

#include <unistd.h>
#include <algorithm>
#include <set>

namespace lastcall::command {
namespace {

// All that is to be seen, once.
struct Sight {
    Processes all = visible_processes();
    std::vector<FoundPage> pages = pages_among(all);
};

// A family of processes, and which of the pages are its.
struct Server {
    Processes roots;
    std::set<std::size_t> pages;
};
using Servers = std::vector<Server>;

bool is_number(Bytes operand) { return whole_number(operand).has_value(); }

// 0: it is none.
std::uint16_t port_of(Bytes operand) {
    const auto number = operand.starts_with(':') ? whole_number(from(operand, 1)) : std::nullopt;
    return number && *number <= 65535 ? static_cast<std::uint16_t>(*number) : std::uint16_t{0};
}

bool holds_a_page(const Process& process, const Sight& sight) {
    return std::any_of(sight.pages.begin(), sight.pages.end(),
                       [&](const FoundPage& page) { return is_held_by(page, process.pid); });
}

std::set<std::size_t> pages_below(const Process& root, const Sight& sight) {
    const Processes family = family_of(root.pid, sight.all);
    std::set<std::size_t> found;
    for (std::size_t i = 0; i < sight.pages.size(); ++i) {
        if (is_held_by(sight.pages[i], family)) found.insert(i);
    }
    return found;
}

Processes having(Bytes operand, const Processes& among) {
    const std::uint16_t port = port_of(operand);
    if (port != 0) return listeners(port, among);
    Processes found = among;
    std::erase_if(found, [&](const Process& process) { return !is_called(process.pid, operand); });
    return found;
}

// Without those that descend from another of them.
Processes eldest(Processes of, const Processes& all) {
    std::set<int> younger;
    for (const Process& process : of) {
        for (const Process& member : family_of(process.pid, all)) {
            if (member.pid != process.pid) younger.insert(member.pid);
        }
    }
    std::erase_if(of, [&](const Process& process) { return younger.contains(process.pid); });
    return of;
}

// Workers whose master has gone descend from no other: by their page they belong together.
void add(Servers& servers, const Process& root, std::set<std::size_t> pages) {
    if (pages.empty()) return;
    const auto known = std::find_if(servers.begin(), servers.end(), [&](const Server& server) {
        return std::any_of(pages.begin(), pages.end(),
                           [&](std::size_t page) { return server.pages.contains(page); });
    });
    if (known == servers.end()) {
        servers.push_back({{root}, std::move(pages)});
    } else {
        known->roots.push_back(root);
        known->pages.merge(pages);
    }
}

Servers servers_of(Processes meant, const Sight& sight) {
    Processes holders = meant;
    std::erase_if(holders, [&](const Process& process) { return !holds_a_page(process, sight); });
    Servers servers;
    for (const Process& root : eldest(holders.empty() ? std::move(meant) : holders, sight.all)) {
        add(servers, root, pages_below(root, sight));
    }
    return servers;
}

Processes roots_of(const Servers& servers) {
    Processes roots;
    for (const Server& server : servers) roots.push_back(server.roots[0]);
    return roots;
}

std::vector<FoundPage> pages_held_by(const Servers& servers, Sight& sight) {
    std::set<std::size_t> wanted;
    for (const Server& server : servers) wanted.insert(server.pages.begin(), server.pages.end());
    std::vector<FoundPage> found;
    for (const std::size_t page : wanted) found.push_back(std::move(sight.pages[page]));
    return found;
}

// ---- What to say ------------------------------------------------------------------------------

std::string described(const Process& process) {
    std::string text = printed("  %7d  ", process.pid) + visible(command_line(process.pid, 80));
    const auto ports = listening_ports(process.pid);
    if (!ports.empty()) text += ", listens on " + ports_text(ports);
    return text + '\n';
}

std::string ask_as_root() {
    return geteuid() == 0 ? "" : " (of other users' processes it cannot be seen: ask as root)";
}

// Somebody is called so, or listens there, and has no page.
std::string no_page(Bytes operand, const Processes& meant) {
    const auto seen = std::find_if(meant.begin(), meant.end(), [](const Process& process) {
        return mapped_files(process.pid, [](Bytes) { return false; });
    });
    if (seen == meant.end()) return closed_to_us(meant[0].pid);
    const std::string pid = std::to_string(seen->pid);
    return "process " + pid + (port_of(operand) != 0 ? " listens on " : " is called ") +
           visible(first(operand, 80)) +
           " and has no status page, nor has a descendant; `lastcall check " + pid + "` says why";
}

std::string nobody(Bytes operand, const Sight& sight) {
    if (const std::uint16_t port = port_of(operand); port != 0) {
        const std::string number = std::to_string(port);
        if (!is_listened_on(port)) return "nobody listens on port " + number + " here";
        return "who listens on port " + number +
               " cannot be seen: " + (geteuid() == 0 ? "give its pid" : "ask as root");
    }
    std::vector<std::string> names;
    for (const FoundPage& page : sight.pages) {
        names.push_back(server_name(page.holders[0].process.pid));
    }
    const std::vector<Bytes> known(names.begin(), names.end());
    const Bytes meant = near_miss(operand, known);
    return "no process is called " + in_quotes(operand) +
           (meant.empty() ? ask_as_root() : "; did you mean " + visible(meant) + "?");
}

std::string several(Bytes operand, const Processes& meant, const char* more) {
    std::string text = visible(first(operand, 80)) + " means " + counted(meant.size(), "server") +
                       ": give the pid of one" + more + '\n';
    for (const Process& process : meant) text += described(process);
    text.pop_back();
    return text;
}

std::string left_alone(std::size_t beyond, const std::string& whose) {
    if (beyond == 0) return {};
    return counted(beyond, "server") + ' ' + whose +
           " left alone, in pid namespaces (containers) of their own: give a pid of theirs, or "
           "--all";
}

// Throws Failure if nobody is called so.
Processes somebody(Bytes operand, const Sight& sight) {
    Processes meant = having(operand, sight.all);
    // The command itself may be called so, or what ran it.
    std::erase_if(meant, [](const Process& process) { return process.pid == getpid(); });
    if (meant.empty()) throw Failure(nobody(operand, sight));
    return meant;
}

Servers servers_named(Bytes operand, const Sight& sight) {
    Processes meant = somebody(operand, sight);
    Servers servers = servers_of(meant, sight);
    if (servers.empty()) throw Failure(no_page(operand, meant));
    return servers;
}

Target steerable_by_pid(int pid, bool all) {
    Target target;
    target.reach = Reach(pid, all);
    target.pages = pages_of(pid);
    const std::size_t beyond = std::erase_if(
        target.pages, [&](const FoundPage& page) { return !target.reach.includes(page); });
    target.left_alone = left_alone(beyond, "below process " + std::to_string(pid));
    if (target.pages.empty()) {
        throw Failure(beyond != 0 ? target.left_alone : without_page(pid));
    }
    if (const auto root = live_process(pid)) target.roots = {*root};
    return target;
}

Target steerable_by_name(Bytes operand, bool all) {
    Sight sight;
    Servers servers = servers_named(operand, sight);
    Target target;
    std::size_t beyond = 0;
    const std::string whose = "that " + visible(first(operand, 80)) + " means";
    if (!all) {
        const std::size_t own_depth = pid_depth(getpid());
        target.reach = Reach(own_depth);
        beyond = std::erase_if(servers, [&](const Server& server) {
            return pid_depth(server.roots[0].pid) != own_depth;
        });
        if (servers.empty()) throw Failure(left_alone(beyond, whose));
        if (servers.size() > 1) {
            throw Failure(several(operand, roots_of(servers), ", or --all for all of them"));
        }
    }
    for (const Server& server : servers) {
        target.roots.insert(target.roots.end(), server.roots.begin(), server.roots.end());
    }
    target.pages = pages_held_by(servers, sight);
    beyond += std::erase_if(target.pages,
                            [&](const FoundPage& page) { return !target.reach.includes(page); });
    target.left_alone = left_alone(beyond, whose);
    if (target.pages.empty()) throw Failure(target.left_alone);
    return target;
}

}  // namespace

void check_operand(Bytes operand) {
    if (is_number(operand)) return static_cast<void>(read_pid(operand));
    const bool port = operand.starts_with(':') && port_of(operand) != 0;
    const bool name = !operand.empty() && operand.find_first_of(":/") == Bytes::npos;
    if (!port && !name) {
        throw UsageError(in_quotes(operand) +
                         ": expected the number of a process, a name, or :PORT from 1 to 65535");
    }
}

int process_named(Bytes operand) {
    check_operand(operand);
    if (is_number(operand)) return read_pid(operand);
    const Sight sight;
    const Processes meant = somebody(operand, sight);
    Processes found = roots_of(servers_of(meant, sight));
    if (found.empty()) found = eldest(meant, sight.all);
    if (found.size() > 1) throw Failure(several(operand, found, ""));
    return found[0].pid;
}

std::vector<FoundPage> pages_named(Bytes operand) {
    check_operand(operand);
    if (is_number(operand)) return steerable_by_pid(read_pid(operand), true).pages;
    Sight sight;
    return pages_held_by(servers_named(operand, sight), sight);
}

Target steerable(Bytes operand, bool all) {
    check_operand(operand);
    return is_number(operand) ? steerable_by_pid(read_pid(operand), all)
                              : steerable_by_name(operand, all);
}

}  // namespace lastcall::command
