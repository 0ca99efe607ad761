// The processes that can be seen, their families and what they map. Reads /proc; knows no page.
#pragma once

#include "proc.hpp"

#include <functional>
#include <vector>

namespace lastcall::command {

using Processes = std::vector<Process>;

// All that live. A process may be gone by the time it is looked at: then it is as if never seen.
[[nodiscard]] Processes visible_processes();

[[nodiscard]] std::optional<Process> live_process(int pid);

// The process and its descendants, those that are in `all`.
[[nodiscard]] Processes family_of(int pid, const Processes& all);
[[nodiscard]] Processes family_of(const Processes& roots, const Processes& all);

[[nodiscard]] int inner_pid(int pid);
[[nodiscard]] std::size_t pid_depth(int pid);

// The file name of its executable; what the kernel calls it if that cannot be read.
[[nodiscard]] std::string server_name(int pid);

// Is that its name, to the kernel, by the file it executes or by the first word of its command
// line?
[[nodiscard]] bool is_called(int pid, Bytes name);

// With blanks between the words, and its end left out if it is longer; what it is called if it has
// none.
[[nodiscard]] std::string command_line(int pid, std::size_t most);

// The mapped files whose path the predicate accepts. Empty optional: not to be read.
[[nodiscard]] std::optional<std::vector<Mapping>> mapped_files(
    int pid, const std::function<bool(Bytes path)>& wanted);

// What the kernel told the program at its start, by an AT_... of getauxval(3). Empty: not to be
// read.
[[nodiscard]] std::optional<std::uint64_t> told_by_kernel(int pid, std::uint64_t type);

// Why there seems to be no such process.
[[nodiscard]] std::string unknown_process(int pid);

// Why its mapped files are not to be read, and what would help.
[[nodiscard]] std::string closed_to_us(int pid);

[[nodiscard]] std::string proc_path(int pid, const char* name);

}  // namespace lastcall::command
