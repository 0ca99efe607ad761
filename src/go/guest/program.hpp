// The program's own segments in memory, found by what the kernel says of it.
#pragma once

#include "../site.hpp"

namespace lastcall::go {

// What is found in the program's executable segments.
[[nodiscard]] SiteSearch search_program();

}  // namespace lastcall::go
