// The guest's beginning in a Go program, before the program's first instruction: reads what the
// kernel and the launcher say, lets the guest begin, finds the sites if nobody has, and patches.

#include "start.hpp"

#include "../../preload/guest.hpp"
#include "../../preload/raw.hpp"
#include "../as_if_without.hpp"
#include "../limits.hpp"
#include "../switch.hpp"
#include "process.hpp"
#include "program.hpp"
#include "stubs.hpp"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <cstring>

namespace lastcall::go {
namespace {

void tell(Bytes why) {
    constexpr Bytes what = LASTCALL_GO_AS_IF_WITHOUT;
    std::array<char, 160> line;
    char* at = line.data();
    for (const Bytes part : {what, why, Bytes{"\n"}}) {
        std::memcpy(at, part.data(), part.size());
        at += part.size();
    }
    guest::say_at_once({line.data(), static_cast<std::size_t>(at - line.data())});
}

// Null: it may be patched.
const char* reason_not_to(const Sites& sites) {
    if (is_memory_limited()) return when_limited;
    if (sites.count == 0) return "the place where Go calls the kernel is not to be found once";
    return leads_here(sites) ? "its memory is not as its file says" : nullptr;
}

// Is the guest needed from now on?
bool patch_or_tell(const Sites& sites) {
    const char* why = reason_not_to(sites);
    const bool tried = why == nullptr;
    if (tried) why = patch(sites);
    if (why != nullptr) tell(why);
    return tried && (why == nullptr || leads_here(sites));
}

bool begin(Sites sites) {
    if (is_switched("off")) return false;
    // What a Go program starts has its environment and is not Go's for that.
    const bool doubtful = sites.count == 0 && is_switched("on");
    SiteSearch search;
    if (doubtful) search = search_program();
    if (doubtful && !search.any()) return false;
    guest::begin();
    if (!guest::active() && !guest::has_something_to_say()) return false;
    if (sites.count == 0) sites = (doubtful ? search : search_program()).found();
    return patch_or_tell(sites);
}

}  // namespace
}  // namespace lastcall::go

using namespace lastcall::go;

// SIGCHLD has been ignored for so long, so that the helper leaves nothing behind.
void lastcall_go_see_off(const Launch* launch) {
    if (launch->helper == 0) return;
    lastcall::raw::kernel(SYS_wait4, launch->helper, 0, __WALL, 0);
    if (launch->restores_sigchld == 0) return;
    const struct {
        std::uintptr_t handler = 0;
        std::uintptr_t rest[3] = {};
    } action;
    lastcall::raw::kernel(SYS_rt_sigaction, SIGCHLD, lastcall::raw::word(&action), 0, 8);
}

std::uintptr_t lastcall_go_way_on(const void* stack) {
    return auxiliary(read_process(stack), AT_ENTRY);
}

int lastcall_go_start(const void* stack, const Launch* launch) {
    take_up(read_process(stack));
    Sites sites{{}, launch->count};
    for (std::size_t i = 0; i < most_sites; ++i) sites.places[i] = launch->places[i];
    return begin(sites) ? 1 : 0;
}

int lastcall_go_loaded(const char* const* environment, const Elf64_auxv_t* auxiliary) {
    take_up({environment, auxiliary});
    return begin({}) ? 1 : 0;
}
