// What the kinds of check share: a program's, before it starts, a process's, while it runs, and
// that of all that has to be right around a server.
#pragma once

#include "options.hpp"
#include "pages/report.hpp"
#include "programs/verdict.hpp"

#include <optional>

namespace lastcall::command {

// Prints the verdict and its findings; the exit status.
int tell(const std::string& subject, const Findings& findings);

int check_process(const std::string& pid);
int check_setup(const Arguments& arguments);

// What a process was started with, if it has not been overwritten since; nginx does so.
using Environment = std::vector<std::string>;
[[nodiscard]] Environment environment_of(int pid);
[[nodiscard]] std::optional<std::string> variable(const Environment& environment,
                                                  const std::string& name);

// Does it map the library? Empty: that is not to be seen.
[[nodiscard]] std::optional<bool> is_loaded(int pid);

// Without the library: why, and whether it could have been there.
[[nodiscard]] Findings judge_absent(int pid, const Environment& environment);

// Why a mapped library would not act, as far as the environment tells; empty: nothing against it.
[[nodiscard]] Findings judge_settings(const Environment& environment);

struct GoProcess;

// Of a Go program, being mapped is not enough. Empty: it is none.
[[nodiscard]] Findings judge_patch(const GoProcess& go, const Environment& environment);

[[nodiscard]] Finding page_finding(const ServerReport& report);

}  // namespace lastcall::command
