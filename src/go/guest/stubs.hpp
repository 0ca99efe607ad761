// Changes the program, and is the only one who does: sites become jumps to stubs within their
// reach, and these lead to the trampoline.
#pragma once

#include "../site.hpp"

namespace lastcall::go {

// Of sites that nobody has touched. Null: all are patched. Else none is, if that could be helped,
// and this says why.
[[nodiscard]] const char* patch(const Sites& sites);

// Is one of them no longer what Go compiled? So it may be for want of a way to put it back.
[[nodiscard]] bool leads_here(const Sites& sites);

}  // namespace lastcall::go
