// A server is who listens, or holds a page; of those that share a socket, the eldest. What the
// kernel closes to us is told as closed, and never guessed at.

#include "setup_facts.hpp"

#include "../check.hpp"
#include "../environment.hpp"
#include "../files.hpp"
#include "../options.hpp"
#include "../pages/observe.hpp"
#include "../processes/identity.hpp"
#include "../processes/listeners.hpp"
#include "../programs/elf.hpp"
#include "../programs/go_process.hpp"
#include "../text.hpp"
#include "../version.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <set>

namespace lastcall::command {
namespace {

// The processes that can be seen, with what they hold.
struct Scene {
    Processes all;
    std::map<int, Listening> ports;
    std::set<int> closed;  // whose descriptors cannot be seen
    std::vector<FoundPage> pages;
};

Scene look_around() {
    Scene scene;
    scene.all = visible_processes();
    for (const Process& process : scene.all) {
        auto held = listening_of(process.pid);
        if (!held) scene.closed.insert(process.pid);
        if (held && !held->empty()) scene.ports.emplace(process.pid, std::move(*held));
    }
    scene.pages = pages_among(scene.all);
    return scene;
}

bool holds_any(const Scene& scene, int pid) {
    return std::any_of(scene.pages.begin(), scene.pages.end(),
                       [&](const FoundPage& page) { return is_held_by(page, pid); });
}

bool serves(const Scene& scene, int pid) {
    return scene.ports.contains(pid) || holds_any(scene, pid);
}

// The same socket, or the same page, inherited.
bool shares(const Scene& scene, int pid, int parent) {
    for (const FoundPage& page : scene.pages) {
        if (is_held_by(page, pid) && is_held_by(page, parent)) return true;
    }
    const auto own = scene.ports.find(pid);
    const auto other = scene.ports.find(parent);
    if (own == scene.ports.end() || other == scene.ports.end()) return false;
    return std::all_of(own->second.begin(), own->second.end(),
                       [&](const auto& port) { return other->second.contains(port.first); });
}

Processes servers_among(const Scene& scene, const Processes& family) {
    Processes found;
    for (const Process& process : family) {
        if (process.pid == getpid() || server_name(process.pid) == "lastcall") continue;
        if (!serves(scene, process.pid) || shares(scene, process.pid, process.parent)) continue;
        found.push_back(process);
    }
    return found;
}

// As the process sees it, if that may be entered.
std::string as_seen_by(int pid, const std::string& path) { return proc_path(pid, "root") + path; }

// Why the folder can hold no page; empty: it could.
std::string folder_error(int pid, const Environment& environment) {
    const auto told = variable(environment, "LASTCALL_STATUS");
    if (!told) return "LASTCALL_STATUS is not in its environment";
    if (!told->starts_with('/')) return "LASTCALL_STATUS=" + *told + " names no folder";
    std::string error;
    ask_as_process(pid, [&] {
        const std::string folder = as_seen_by(pid, *told);
        struct statvfs system {};
        error.clear();
        // (access(2) would ask for the real user, who is not the one in disguise.)
        if (faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
            error = *told + ": " + std::strerror(errno);
        } else if (statvfs(folder.c_str(), &system) == 0 && system.f_bavail == 0) {
            error = *told + ": " + std::strerror(ENOSPC);
        }
        return error.empty();
    });
    return error;
}

std::vector<PageFacts> pages_held_by(const Scene& scene, int pid, const Reach& reach) {
    std::vector<PageFacts> facts;
    for (const FoundPage& page : scene.pages) {
        if (!is_held_by(page, pid)) continue;
        PageFacts found{report_on(page), {}, {}, reach.includes(page)};
        found.activity = page_finding(found.report);
        std::string refusal;
        if (!open_page(page, Access::write, refusal)) found.refusal = refusal;
        facts.push_back(std::move(found));
    }
    return facts;
}

ServerFacts server_facts(const Scene& scene, int pid, const Reach& reach) {
    ServerFacts server;
    server.pid = pid;
    server.name = server_name(pid);
    const auto held = scene.ports.find(pid);
    std::set<unsigned> ports;
    if (held != scene.ports.end()) {
        for (const auto& [inode, port] : held->second) ports.insert(port);
    }
    server.ports.assign(ports.begin(), ports.end());
    server.pages = pages_held_by(scene, pid, reach);
    const auto loaded = is_loaded(pid);
    server.loaded = loaded.value_or(!server.pages.empty());
    if (!loaded && server.pages.empty()) server.closed = closed_to_us(pid);
    const Environment environment = environment_of(pid);
    server.told = !environment.empty();
    server.typos = misspelt(environment);
    if (!server.loaded) {
        if (server.closed.empty()) server.absent = judge_absent(pid, environment);
        return server;
    }
    server.settings = judge_settings(environment);
    server.patch = judge_patch(look_at_go(pid), environment);
    if (server.pages.empty() && server.told) {
        server.folder_error = folder_error(pid, environment);
    }
    return server;
}

// The word of LD_PRELOAD that is ours.
std::string library_among(const std::string& preloads) {
    std::string spaced = preloads;
    std::replace(spaced.begin(), spaced.end(), ':', ' ');
    for (const std::string& word : words(spaced)) {
        if (base_name(word).starts_with("liblastcall")) return word;
    }
    return {};
}

std::string load_error(int pid, const std::string& path) {
    std::string error;
    ask_as_process(pid, [&] {
        Content content = open_program(as_seen_by(pid, path));
        error = content.error;
        if (!content.image) return false;
        const Elf elf = read_elf(*content.image, Reading::headers);
        if (elf.shape != Shape::program || elf.machine != own_machine()) {
            error = "it is no library for this machine";
        }
        return true;
    });
    return error;
}

// LD_PRELOAD as the processes have it, or else ourselves, as in a container we have its
// environment.
LibraryFacts library_facts(const std::vector<int>& pids) {
    LibraryFacts found;
    int whose = getpid();
    for (const int pid : pids) {
        const auto preloads = variable(environment_of(pid), "LD_PRELOAD");
        if (!preloads || !library_among(found.preloads).empty()) continue;
        found.preloads = *preloads;
        whose = pid;
    }
    const char* const own = std::getenv("LD_PRELOAD");
    if (library_among(found.preloads).empty() && own != nullptr) {
        found.preloads = own;
        whose = getpid();
    }
    found.path = library_among(found.preloads);
    if (!found.path.empty()) found.error = load_error(whose, found.path);
    found.command = link_target("/proc/self/exe") + ' ' + version;
    return found;
}

std::vector<std::string> strays(const Scene& scene, const Processes& servers) {
    std::vector<std::string> found;
    for (const FoundPage& page : scene.pages) {
        const int pid = page.holders[0].process.pid;
        if (!is_held_by(page, servers))
            found.push_back(server_name(pid) + ", process " + std::to_string(pid));
    }
    return found;
}

// Where a process is closed, it may be the one that listens.
std::vector<unsigned> ports_elsewhere(const Scene& scene, int pid) {
    if (!scene.closed.empty()) return {};
    Listening around = listening_near(pid);
    for (const auto& [holder, ports] : scene.ports) {
        for (const auto& [inode, port] : ports) around.erase(inode);
    }
    std::set<unsigned> found;
    for (const auto& [inode, port] : around) found.insert(port);
    return {found.begin(), found.end()};
}

}  // namespace

SetupFacts setup_around(int pid) {
    if (!live_process(pid)) throw UsageError(unknown_process(pid));
    const Scene scene = look_around();
    const Reach reach(pid, false);
    const Processes servers = servers_among(scene, family_of(pid, scene.all));
    SetupFacts facts;
    facts.pid = pid;
    facts.name = server_name(pid);
    std::vector<int> pids;
    for (const Process& server : servers) {
        facts.servers.push_back(server_facts(scene, server.pid, reach));
        pids.push_back(server.pid);
    }
    pids.push_back(pid);
    facts.library = library_facts(pids);
    if (scene.closed.contains(pid)) facts.closed = closed_to_us(pid);
    facts.strays = strays(scene, servers);
    facts.ports_elsewhere = ports_elsewhere(scene, pid);
    return facts;
}

}  // namespace lastcall::command
