// From pages and the processes that map them to reports: who lives, what counts.
#pragma once

#include "pages.hpp"
#include "report.hpp"

namespace lastcall::command {

[[nodiscard]] ServerReport report_on(const FoundPage& page);
[[nodiscard]] Reports report_on(const std::vector<FoundPage>& pages);

// When the system was booted, in seconds of Unix time; 0 if that cannot be read.
[[nodiscard]] std::uint64_t boot_time();

// The connections that the page's living workers have open.
[[nodiscard]] std::uint64_t open_connections(const FoundPage& page, const PageNumbers& numbers);

// The page files of a folder. Those that visible processes map are reported on as all are; to the
// others belong stale ones, and those whose holders cannot be seen. Throws Failure if the folder
// cannot be read.
[[nodiscard]] Reports report_on_folder(std::string folder);

}  // namespace lastcall::command
