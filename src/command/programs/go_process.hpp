// A running Go program: whether the place where it calls the kernel is as Go compiled it. Reads the
// process's memory, and writes nothing there.
#pragma once

#include <cstdint>

namespace lastcall::command {

struct GoProcess {
    enum class Site : std::uint8_t { none, untouched, patched, unseen };
    Site site = Site::none;  // none: it is no Go program, or none that is known
    bool is_static = false;
};

[[nodiscard]] GoProcess look_at_go(int pid);

}  // namespace lastcall::command
