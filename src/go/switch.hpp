// LASTCALL_GO: off leaves Go programs alone; on takes for Go's what does not say so.
#pragma once

#include <lastcall/bytes.hpp>

#include <cstdlib>

namespace lastcall::go {

inline constexpr const char* switch_name = "LASTCALL_GO";

[[nodiscard]] inline bool is_switched(Bytes word) {
    const char* const value = getenv(switch_name);
    return value != nullptr && word == value;
}

}  // namespace lastcall::go
