// The reports on a folder's page files: of visible processes, of none, and of such as cannot be
// seen from here. A container that shares only the folder sees none of its neighbour's processes.

#include "observe.hpp"

#include "../moment.hpp"
#include "../text.hpp"
#include "stale.hpp"

#include <fcntl.h>
#include <algorithm>
#include <cerrno>
#include <cstring>

namespace lastcall::command {
namespace {

// Its holder may see it below another path, but under the same name, which tells its maker.
bool is_that(const PageFile& file, const FoundPage& page) {
    return file.inode == page.inode && base_name(file.path) == base_name(page.path);
}

std::vector<FoundPage> pages_in(const std::string& folder, const std::vector<PageFile>& files) {
    std::vector<FoundPage> pages = all_pages();
    std::erase_if(pages, [&](const FoundPage& page) {
        return folder_of(page.path) != folder &&
               std::none_of(files.begin(), files.end(),
                            [&](const PageFile& file) { return is_that(file, page); });
    });
    return pages;
}

// Nobody to be seen holds it.
ServerReport report_on_file(const PageFile& file) {
    ServerReport report;
    report.path = file.path;
    report.name = base_name(file.path);
    report.stale = file.use == Use::none;
    report.unseen = file.use == Use::some;
    const Descriptor opened{
        open(file.path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    if (file.use == Use::forbidden || !opened) {
        report.error = opened ? "it is another user's, who may use it or not: ask as that user"
                              : std::strerror(errno);
        return report;
    }
    const Picture picture = read_page(opened);
    report.error = picture.error;
    if (picture.page) report.numbers = read_numbers(*picture.page);
    report.booted = boot_time();
    if (report.unseen) sum_up(report, now());
    return report;
}

// Whether anybody uses it is not to be told: then neither are its numbers. Nothing, if it is no
// page.
std::optional<ServerReport> report_on_doubtful(const PageFile& file) {
    ServerReport report = report_on_file(file);
    if (!report.error.empty()) return {};
    report.error =
        "nobody who can be seen uses it, and this file system does not tell whether others do";
    return report;
}

bool is_gone(const ServerReport& report) { return report.error == std::strerror(ENOENT); }

}  // namespace

Reports report_on_folder(std::string folder) {
    while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
    const std::vector<PageFile> files = page_files(folder);
    const std::vector<FoundPage> pages = pages_in(folder, files);
    Reports reports = report_on(pages);
    for (const PageFile& file : files) {
        const bool seen = std::any_of(pages.begin(), pages.end(), [&](const FoundPage& page) {
            return is_that(file, page) ||
                   (file.use == Use::forbidden && base_name(file.path) == base_name(page.path));
        });
        if (seen) continue;
        if (file.use == Use::doubtful) {
            if (auto report = report_on_doubtful(file)) reports.push_back(std::move(*report));
            continue;
        }
        ServerReport report = report_on_file(file);
        if (!is_gone(report)) reports.push_back(std::move(report));
    }
    return reports;
}

}  // namespace lastcall::command
