// Which processes map which page. The same file is known by its device and inode: names come again
// in every container.

#include "pages.hpp"

#include "../options.hpp"
#include "../text.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cstdlib>
#include <map>

namespace lastcall::command {
namespace {

using Key = std::pair<std::string, std::uint64_t>;  // device, inode

using Pages = std::map<Key, FoundPage>;

// False if it cannot be known what the process maps.
bool note_pages(const Process& process, Pages& pages) {
    const auto mappings = mapped_files(process.pid, is_page_name);
    for (const Mapping& mapping : mappings.value_or(std::vector<Mapping>{})) {
        FoundPage& page = pages[{mapping.device, mapping.inode}];
        const bool again = !page.holders.empty() && page.holders.back().process.pid == process.pid;
        if (again) continue;  // mapped in two pieces
        page.path = mapping.path;
        page.device = mapping.device;
        page.inode = mapping.inode;
        page.holders.push_back({process, inner_pid(process.pid), mapping.range});
    }
    return mappings.has_value();
}

// Of a process that is closed even to its own user, the page is known by its name: of the folder
// that our environment tells, as in a container it is the server's, or of those that `run` chooses.
void note_named_page(const Process& process, Pages& pages) {
    const char* const told = std::getenv("LASTCALL_STATUS");
    for (const std::string folder : {told != nullptr ? told : "/dev/shm", "/dev/shm", "/tmp"}) {
        const int inner = inner_pid(process.pid);
        const std::string path = folder + '/' + status::file_prefix + std::to_string(inner) + '-' +
                                 std::to_string(process.start);
        struct stat status {};
        if (lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
        FoundPage& page = pages[{device_text(status.st_dev), status.st_ino}];
        page = {path, device_text(status.st_dev), status.st_ino, {{process, inner, ""}}};
        return;
    }
}

// A closed process may map what its ancestors do: whether it counts there, the page tells.
void note_closed_heirs(const Processes& closed, const Processes& all, Pages& pages) {
    for (auto& [key, page] : pages) {
        Processes holders;
        for (const Holder& holder : page.holders) holders.push_back(holder.process);
        const Processes family = family_of(holders, all);
        for (const Process& process : closed) {
            const auto is_it = [&](const Process& other) { return other.pid == process.pid; };
            if (std::none_of(family.begin(), family.end(), is_it)) continue;
            if (std::any_of(holders.begin(), holders.end(), is_it)) continue;
            page.holders.push_back({process, inner_pid(process.pid), ""});
        }
    }
}

}  // namespace

std::vector<FoundPage> pages_among(const Processes& processes) {
    Pages pages;
    Processes closed;
    for (const Process& process : processes) {
        if (!note_pages(process, pages)) closed.push_back(process);
    }
    if (geteuid() == 0) {
        for (const Process& process : closed) note_named_page(process, pages);
    }
    note_closed_heirs(closed, processes, pages);
    std::vector<FoundPage> found;
    found.reserve(pages.size());
    for (auto& [key, page] : pages) found.push_back(std::move(page));
    std::sort(found.begin(), found.end(), [](const FoundPage& a, const FoundPage& b) {
        return a.holders[0].process.pid < b.holders[0].process.pid;
    });
    return found;
}

bool is_held_by(const FoundPage& page, int pid) {
    return std::any_of(page.holders.begin(), page.holders.end(),
                       [&](const Holder& holder) { return holder.process.pid == pid; });
}

bool is_held_by(const FoundPage& page, const Processes& processes) {
    return std::any_of(processes.begin(), processes.end(),
                       [&](const Process& process) { return is_held_by(page, process.pid); });
}

std::vector<FoundPage> all_pages() { return pages_among(visible_processes()); }

std::vector<FoundPage> pages_of(int pid) {
    const Processes all = visible_processes();
    const Processes family = family_of(pid, all);
    if (!live_process(pid)) throw Failure(unknown_process(pid));
    std::vector<FoundPage> found = pages_among(all);
    std::erase_if(found, [&](const FoundPage& page) { return !is_held_by(page, family); });
    return found;
}

bool Reach::includes(const FoundPage& page) const {
    return depth_ == 0 ||
           std::any_of(page.holders.begin(), page.holders.end(), [&](const Holder& holder) {
               return pid_depth(holder.process.pid) == depth_;
           });
}

std::string without_page(int pid) {
    const std::string number = std::to_string(pid);
    if (!mapped_files(pid, [](Bytes) { return false; })) return closed_to_us(pid);
    return "process " + number + " has no status page, nor has a descendant; `lastcall check " +
           number + "` says why";
}

}  // namespace lastcall::command
