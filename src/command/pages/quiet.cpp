// A holder that ends or becomes another program between two searches is known by its id and start
// time: its connections count no longer, or until the next search.

#include "quiet.hpp"

#include "observe.hpp"

#include <algorithm>

namespace lastcall::command {
namespace {

bool lives(const Process& process) {
    const auto now = live_process(process.pid);
    return now && now->start == process.start;
}

bool is_same(const FoundPage& a, const FoundPage& b) {
    return a.device == b.device && a.inode == b.inode;
}

auto place_in(const std::vector<FoundPage>& pages, const FoundPage& page) {
    return std::find_if(pages.begin(), pages.end(),
                        [&](const FoundPage& other) { return is_same(other, page); });
}

// Counts the page's connections; false, with the error, if it cannot be read.
bool add(const FoundPage& page, Descriptor& file, Watched::Look& look, std::string& error) {
    if (!file) file = open_page(page, Access::read, error);
    if (!file) return false;
    const Picture picture = read_page(file);
    error = picture.error;
    if (!picture.page) return false;
    const PageNumbers numbers = read_numbers(*picture.page);
    look.open += open_connections(page, numbers);
    look.so_far += numbers.total.connections;
    return true;
}

}  // namespace

Watched::Watched(Processes roots, Reach reach, std::vector<FoundPage> pages)
    : roots_(std::move(roots)), reach_(reach) {
    for (FoundPage& page : pages) pages_.push_back({std::move(page)});
}

Watched::Look Watched::look() {
    Look look;
    for (Page& page : pages_) {
        std::erase_if(page.found.holders, [](const Holder& h) { return !lives(h.process); });
        std::string error;
        if (page.found.holders.empty() || add(page.found, page.file, look, error)) continue;
        look.unreadable = page.found.path + ": " + error;
    }
    look.gone = std::all_of(pages_.begin(), pages_.end(),
                            [](const Page& page) { return page.found.holders.empty(); });
    return look;
}

std::vector<FoundPage> Watched::search() {
    std::vector<FoundPage> found = pages_among(family_now());
    std::erase_if(found, [&](const FoundPage& page) { return !reach_.includes(page); });
    // The last that were known of a page went, and may have left children to init.
    if (std::any_of(pages_.begin(), pages_.end(),
                    [&](const Page& page) { return place_in(found, page.found) == found.end(); })) {
        for (FoundPage& page : all_pages()) {
            if (known(page) != pages_.end() && place_in(found, page) == found.end()) {
                found.push_back(std::move(page));
            }
        }
    }
    std::vector<Page> now;
    std::vector<FoundPage> added;
    for (FoundPage& page : found) {
        const auto before = known(page);
        if (before == pages_.end()) added.push_back(page);
        Descriptor file = before != pages_.end() ? std::move(before->file) : Descriptor{};
        now.push_back({std::move(page), std::move(file)});
    }
    pages_ = std::move(now);
    return added;
}

Processes Watched::family_now() const {
    Processes roots = roots_;
    // A worker whose parent has ended is a child of init: it is known from before.
    for (const Page& page : pages_) {
        for (const Holder& holder : page.found.holders) roots.push_back(holder.process);
    }
    std::erase_if(roots, [](const Process& process) { return !lives(process); });
    return family_of(roots, visible_processes());
}

std::vector<Watched::Page>::iterator Watched::known(const FoundPage& page) {
    return std::find_if(pages_.begin(), pages_.end(),
                        [&](const Page& known) { return is_same(known.found, page); });
}

}  // namespace lastcall::command
