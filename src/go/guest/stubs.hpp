// Changes the program, and is the only one who does: sites become jumps to stubs within their
// reach, and these lead to the trampoline.
#pragma once

#include "../site.hpp"

namespace lastcall::go {

// Null: all sites are patched. Else nothing is changed, and this says why.
[[nodiscard]] const char* patch(const Sites& sites);

}  // namespace lastcall::go
