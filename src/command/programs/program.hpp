// From a name typed to the executable that runs in the end, through scripts, and all that there is
// to say about it. Reads files; the judgement itself is verdict.hpp's.
#pragma once

#include "verdict.hpp"

namespace lastcall::command {

struct Judged {
    std::vector<std::string> chain;  // paths: the script, its interpreter, ..., the executable
    Findings findings;
    std::string error;  // no verdict is possible: why
};

struct Judging {
    Role role = Role::serves;
    Reading reading = Reading::whole;  // headers: no more than what makes a program fail
};

// At every depth up to five, as many as the kernel follows. What depends on who starts it is said
// of who asks.
[[nodiscard]] Judged judge_program(const std::string& path, const Judging& judging = {});

}  // namespace lastcall::command
