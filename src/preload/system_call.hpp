// A system call as its number and six words, for those who make it so: syscall as a function,
// and programs that have no libc between.
#pragma once

#include "next.hpp"

namespace lastcall::surface {

struct SystemCall {
    long number, a, b, c, d, e, f;

    [[nodiscard]] long forward() const { return next::syscall(number, a, b, c, d, e, f); }
    [[nodiscard]] long forward_sendfile(std::size_t count) const {
        return next::syscall(number, a, b, c, raw::word(count), e, f);
    }
    [[nodiscard]] long forward_splice(std::size_t count) const {
        return next::syscall(number, a, b, c, d, raw::word(count), f);
    }
};

// As libc answers: -1 and errno.
[[nodiscard]] long system_call(const SystemCall& call);

}  // namespace lastcall::surface
