// The program's own segments in memory, found by what the kernel says of it.
#pragma once

#include "../site.hpp"

namespace lastcall::go {

// The sites in the program's executable segments.
[[nodiscard]] Sites search_program();

}  // namespace lastcall::go
