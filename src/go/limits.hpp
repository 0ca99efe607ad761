// Whether the process's memory is limited by its size. Go takes it by the megabyte, and dies where
// there is none.
#pragma once

#include "../preload/raw.hpp"

#include <sys/syscall.h>
#include <cstdint>

namespace lastcall::go {

inline constexpr const char* when_limited =
    "its memory is limited, and ours would be missing from it";

// (getrlimit(2), by numbers: libc's names have types of their own)
[[nodiscard]] inline bool is_memory_limited() {
    constexpr long data = 2;           // RLIMIT_DATA
    constexpr long address_space = 9;  // RLIMIT_AS
    for (const long resource : {data, address_space}) {
        struct {
            std::uint64_t soft = 0;
            std::uint64_t hard = 0;
        } limit;
        const bool known = raw::kernel(SYS_prlimit64, 0, resource, 0, raw::word(&limit)) == 0;
        if (known && limit.soft != ~std::uint64_t{0}) return true;
    }
    return false;
}

}  // namespace lastcall::go
