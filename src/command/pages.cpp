// Which processes map which page. The same file is known by its device and inode: names come again
// in every container.

#include "pages.hpp"

#include "options.hpp"

#include <algorithm>
#include <map>

namespace lastcall::command {
namespace {

using Key = std::pair<std::string, std::uint64_t>;  // device, inode

void note_pages(const Process& process, std::map<Key, FoundPage>& pages) {
    const auto mappings = mapped_files(process.pid, is_page_name);
    if (!mappings) return;
    for (const Mapping& mapping : *mappings) {
        FoundPage& page = pages[{mapping.device, mapping.inode}];
        const bool again = !page.holders.empty() && page.holders.back().process.pid == process.pid;
        if (again) continue;  // mapped in two pieces
        page.path = mapping.path;
        page.device = mapping.device;
        page.inode = mapping.inode;
        page.holders.push_back({process, inner_pid(process.pid), mapping.range});
    }
}

}  // namespace

std::vector<FoundPage> pages_among(const Processes& processes) {
    std::map<Key, FoundPage> pages;
    for (const Process& process : processes) note_pages(process, pages);
    std::vector<FoundPage> found;
    found.reserve(pages.size());
    for (auto& [key, page] : pages) found.push_back(std::move(page));
    std::sort(found.begin(), found.end(), [](const FoundPage& a, const FoundPage& b) {
        return a.holders[0].process.pid < b.holders[0].process.pid;
    });
    return found;
}

std::vector<FoundPage> all_pages() { return pages_among(visible_processes()); }

std::vector<FoundPage> pages_of(int pid) {
    const Processes all = visible_processes();
    const Processes family = family_of(pid, all);
    if (!live_process(pid)) throw Failure("there is no process " + std::to_string(pid));
    std::vector<FoundPage> found;
    for (FoundPage& page : pages_among(all)) {
        const bool theirs =
            std::any_of(page.holders.begin(), page.holders.end(), [&](const Holder& holder) {
                return std::any_of(family.begin(), family.end(), [&](const Process& member) {
                    return member.pid == holder.process.pid;
                });
            });
        if (theirs) found.push_back(std::move(page));
    }
    return found;
}

std::vector<FoundPage> steerable_pages(int pid) {
    auto pages = pages_of(pid);
    if (!pages.empty()) return pages;
    const std::string number = std::to_string(pid);
    if (!mapped_files(pid, [](Bytes) { return false; })) {
        throw Failure("process " + number + " belongs to another user: ask as root");
    }
    throw Failure("process " + number +
                  " has no status page, nor has a descendant; `lastcall check " + number +
                  "` says why");
}

}  // namespace lastcall::command
