// The first line of a script: which program the kernel starts for it, and which one env then finds.
// Pure text.
#pragma once

#include <lastcall/bytes.hpp>

#include <optional>
#include <string>

namespace lastcall::command {

struct Shebang {
    std::string interpreter;  // a path, or a name to look up in PATH if `searched`
    bool searched = false;
    bool loses_preload = false;  // env takes LD_PRELOAD out of the environment
};

// Empty if the file is no script, or its line names nothing.
[[nodiscard]] std::optional<Shebang> read_shebang(Bytes file);

}  // namespace lastcall::command
