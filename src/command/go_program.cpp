// Refuses before it touches anything; what is refused later, the helper and the guest say.

#include "go_program.hpp"

#include "../go/launch/helper.hpp"
#include "files.hpp"
#include "text.hpp"

#include <sys/resource.h>
#include <unistd.h>
#include <cstdio>
#include <cstdlib>

namespace lastcall::command {
namespace {

// Go takes address space by the megabyte, and dies where there is none.
bool is_limited() {
    rlimit limit{};
    return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

// Tracing takes from a program what its file would give it, so such a file is never traced.
std::string reason_not_to(const std::string& path, const go::ProgramFile& program,
                          const std::string& guest) {
    const Privileges privileges = open_program(path).privileges;
    if (privileges.setuid || privileges.setgid || privileges.capabilities) {
        return "its file has privileges (setuid, setgid or capabilities)";
    }
    if (is_limited()) return "its address space is limited, and ours would be missing from it";
    if (program.sites.count == 0) return "the place where Go calls the kernel is not there once";
    if (!open_program(guest).image) return "there is no " + visible(guest);
    return {};
}

void say(const std::string& path, const std::string& why) {
    std::fprintf(stderr, "lastcall: %s will run as if without lastcall: %s\n",
                 visible(path).c_str(), why.c_str());
}

bool switched_off() {
    const char* const word = std::getenv("LASTCALL_GO");
    return word != nullptr && Bytes{word} == "off";
}

}  // namespace

bool follow_go(const std::string& path, const std::string& folder) {
    if (access(path.c_str(), R_OK) != 0) {
        std::fprintf(stderr,
                     "lastcall: %s cannot be read: should it be a Go program, it will run as if "
                     "without lastcall\n",
                     visible(path).c_str());
        return true;
    }
    const auto program = go::read_program_file(path);
    if (!program || !program->any || program->has_loader) return false;
    if (switched_off()) return true;
    const std::string guest = folder + "/liblastcall-go.so";
    std::string why = reason_not_to(path, *program, guest);
    if (why.empty()) {
        std::fflush(stderr);
        why = go::summon_helper(*program, guest);
    }
    if (!why.empty()) say(path, why);
    return true;
}

}  // namespace lastcall::command
