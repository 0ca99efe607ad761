// Effective ids only: the saved ones bring root back. Users and groups of a process are for all to
// read (/proc/PID/status); the kernel lets look who has the same as its three of each.

#include "identity.hpp"

#include "../files.hpp"
#include "proc.hpp"
#include "processes.hpp"

#include <grp.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace lastcall::command {
namespace {

std::vector<gid_t> own_groups() {
    std::vector<gid_t> groups(static_cast<std::size_t>(std::max(getgroups(0, nullptr), 0)));
    const int count = getgroups(static_cast<int>(groups.size()), groups.data());
    groups.resize(static_cast<std::size_t>(std::max(count, 0)));
    return groups;
}

// Back as we were, or not at all: nothing is to go on as somebody half.
class Disguise {
public:
    explicit Disguise(const Identity& identity) {
        worn_ = setgroups(identity.groups.size(), identity.groups.data()) == 0 &&
                setegid(identity.group) == 0 && seteuid(identity.user) == 0;
    }
    Disguise(const Disguise&) = delete;
    Disguise& operator=(const Disguise&) = delete;
    ~Disguise() {
        const int error = errno;
        const bool back = seteuid(0) == 0 && setegid(group_) == 0;
        // Who may set no groups has not set any.
        if (!back || (worn_ && setgroups(groups_.size(), groups_.data()) != 0)) std::abort();
        errno = error;
    }

    [[nodiscard]] explicit operator bool() const { return worn_; }

private:
    std::vector<gid_t> groups_ = own_groups();
    gid_t group_ = getegid();
    bool worn_ = false;
};

}  // namespace

bool ask_as(const Identity& identity, const std::function<bool()>& ask) {
    if (ask()) return true;
    if (geteuid() != 0 || identity.user == 0) return false;
    const Disguise disguise(identity);
    return disguise && ask();
}

bool ask_as_process(int pid, const std::function<bool()>& ask) {
    if (ask()) return true;
    if (geteuid() != 0) return false;
    const auto text = read_text(proc_path(pid, "status"));
    const auto identity = text ? read_identity(*text) : std::nullopt;
    if (!identity) return false;
    const Disguise disguise(*identity);
    return disguise && ask();
}

}  // namespace lastcall::command
