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
    bool loses_preload = false;      // env takes LD_PRELOAD out of the environment
    bool ends_in_return = false;     // the argument does, and the interpreter is given it
    const char* dead_end = nullptr;  // of a line by which env starts no interpreter: why
};

// Empty if the file is no script, or its line names nothing.
[[nodiscard]] std::optional<Shebang> read_shebang(Bytes file);

// Has it no such line, but could be one? Shells, and execvp, then have /bin/sh run it.
[[nodiscard]] bool is_text(Bytes file);

}  // namespace lastcall::command
