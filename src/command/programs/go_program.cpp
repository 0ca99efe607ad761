// Refuses before it touches anything; what is refused later, the helper and the guest say. Quick,
// however large the program: of a dynamic one no more than headers are read.

#include "go_program.hpp"

#include "../../go/launch/helper.hpp"
#include "../../go/limits.hpp"
#include "../../go/switch.hpp"
#include "../files.hpp"
#include "elf_go.hpp"
#include "go_behind.hpp"
#include "unfollowed.hpp"

#include <unistd.h>
#include <cstdio>
#include <cstdlib>

namespace lastcall::command {
namespace {

#ifdef __x86_64__
constexpr bool seen_enough = true;
#else
constexpr bool seen_enough = false;
#endif

// Whatever kind of Go program it is.
std::string reason_not_to(const std::string& guest) {
    if (!seen_enough && !go::is_switched("on")) {
        return "on this machine Go programs are followed only with LASTCALL_GO=on";
    }
    if (!open_program(guest).image) return "there is no " + guest;
    return {};
}

bool has_privileges(const Privileges& privileges) {
    return privileges.in_force &&
           (privileges.setuid || privileges.setgid || privileges.capabilities);
}

// Tracing takes from a program what its file would give it, so such a file is never traced.
std::string bring_into(const std::string& path, const go::ProgramFile& program,
                       const std::string& guest) {
    if (has_privileges(open_program(path).privileges)) {
        return "its file has privileges (setuid, setgid or capabilities)";
    }
    if (go::is_memory_limited()) return go::when_limited;
    if (program.sites.count == 0) return "the place where Go calls the kernel is not there once";
    std::string why = reason_not_to(guest);
    if (!why.empty()) return why;
    std::fflush(stderr);
    return go::summon_helper(program, guest);
}

// The preload takes over; without Go's note only if it is told to.
bool prepare_dynamic(const std::string& path, const go::ProgramFile& program,
                     const std::string& guest) {
    const Content content = open_program(path);
    if (!content.image || has_privileges(content.privileges)) return false;
    if (!program.has_note && !has_go_sections(*content.image)) return false;
    if (go::is_switched("off")) return true;
    const std::string why = reason_not_to(guest);
    if (!why.empty()) {
        tell_unfollowed(path, why);
        setenv(go::switch_name, "off", 1);
    } else if (!program.has_note) {
        setenv(go::switch_name, "on", 1);
    }
    return true;
}

}  // namespace

bool follow_go(const std::string& path, const std::string& folder, Role role) {
    const bool serves = role == Role::serves;
    if (access(path.c_str(), R_OK) != 0) {
        if (serves) tell_unfollowed(path + ", should it be a Go program,", "it cannot be read");
        return true;
    }
    const auto program = go::read_program_file(path, go::Look::through_static);
    if (!program) return false;
    const std::string guest = folder + "/liblastcall-go.so";
    if (program->has_loader) return prepare_dynamic(path, *program, guest);
    if (!program->any) return false;
    if (go::is_switched("off")) return true;
    const std::string why = bring_into(path, *program, guest);
    if (!why.empty() && serves) tell_unfollowed(path + " itself", why);
    return true;
}

void tell_of_go_behind(const Words& command) {
    if (go::is_switched("off")) return;
    const GoBehind found = find_go_behind(command);
    if (found.starter.empty()) return;
    const std::string advice =
        found.is_script ? "put `exec lastcall run -- " + found.program + " ...` inside the script"
                        : "put `lastcall run -- " + found.program + " ...` behind " + found.starter;
    tell_unfollowed(found.program + ", a static Go program that " + found.starter + " starts,",
                    advice);
}

}  // namespace lastcall::command
