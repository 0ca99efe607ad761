// Who is meant: by the number of a process, by the name of a server, or by a port that it listens
// on. A name or a port stands for the processes that have it, each as if its number had been given.
// Steers nothing.
#pragma once

#include "../pages/pages.hpp"

namespace lastcall::command {

struct Target {
    Processes roots;  // they and their descendants are meant
    std::vector<FoundPage> pages;
    Reach reach{0, true};
    std::string left_alone;  // what to say on stderr of servers that are not meant; empty: nothing
};

// Throws UsageError unless it has the form of a PID, a NAME or :PORT.
void check_operand(Bytes operand);

// The process that is meant, to be judged: it need not have a page. Throws Failure if there is
// none, or if there are several, which it lists.
[[nodiscard]] int process_named(Bytes operand);

// All that it may mean, to be looked at. Throws Failure, which says what to do, if that is none.
[[nodiscard]] std::vector<FoundPage> pages_named(Bytes operand);

// The one server that it means, to be steered; all of them if `all`, also those in containers
// below. Throws Failure also if several are meant: it lists them.
[[nodiscard]] Target steerable(Bytes operand, bool all);

}  // namespace lastcall::command
