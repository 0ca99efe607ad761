// The clock that pages are written by, and waiting on it.
#pragma once

#include <cstdint>

namespace lastcall::command {

// Milliseconds of CLOCK_MONOTONIC_COARSE, never 0.
[[nodiscard]] std::uint64_t now();

// Until that moment; at once if it is over.
void wait_until(std::uint64_t moment);

}  // namespace lastcall::command
