// Asking as somebody else for a moment. A container's root may become any user and yet not look
// into their processes (that is CAP_SYS_PTRACE, which runtimes do not give); as that user, it may.
#pragma once

#include <sys/types.h>
#include <functional>
#include <vector>

namespace lastcall::command {

struct Identity {
    uid_t user = 0;
    gid_t group = 0;
    std::vector<gid_t> groups = {};
};

// True if `ask` is, as ourselves or else, where we are root, with this effective identity.
bool ask_as(const Identity& identity, const std::function<bool()>& ask);

// The same with the identity of the process.
bool ask_as_process(int pid, const std::function<bool()>& ask);

}  // namespace lastcall::command
