// A Go program makes its system calls itself, and nothing here would ever be called: the library
// beside this one takes it over.
#pragma once

namespace lastcall {

// Has it? Nothing is tried where the program is not Go's.
[[nodiscard]] bool handed_over();

}  // namespace lastcall
