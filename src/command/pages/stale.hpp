// Whether somebody maps the page files of a folder. The kernel is asked as well as /proc: a folder
// may be shared with containers whose processes cannot be seen from here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lastcall::command {

enum class Use : std::uint8_t {
    doubtful,
    none,       // nobody maps it: it is stale
    some,       // somebody maps it, whether to be seen or not
    forbidden,  // it is not this user's to look at
};

struct PageFile {
    std::string path;
    std::uint64_t inode = 0;
    Use use = Use::doubtful;
};

// The page files in a folder. Throws Failure if it cannot be read.
[[nodiscard]] std::vector<PageFile> page_files(const std::string& folder);

// Removes the stale pages of this user; of all, if that is root. Silent: it is housekeeping.
void sweep(const std::string& folder);

}  // namespace lastcall::command
