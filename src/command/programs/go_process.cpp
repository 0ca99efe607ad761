// Where the program has been moved to follows from its first instruction, of which the kernel told
// it the address.

#include "go_process.hpp"

#include "../../go/launch/program_file.hpp"
#include "../files.hpp"
#include "../pages/observe.hpp"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>
#include <array>

namespace lastcall::command {
namespace {

GoProcess::Site site_at(int pid, std::uint64_t address) {
    const Descriptor memory{open(proc_path(pid, "mem").c_str(), O_RDONLY | O_CLOEXEC)};
    std::array<char, go::site_size> bytes;
    const ssize_t count =
        memory ? pread(memory.number(), bytes.data(), bytes.size(), static_cast<off_t>(address))
               : 0;
    if (count != static_cast<ssize_t>(bytes.size())) return GoProcess::Site::unseen;
    return go::is_untouched_site({bytes.data(), bytes.size()}) ? GoProcess::Site::untouched
                                                               : GoProcess::Site::patched;
}

}  // namespace

GoProcess look_at_go(int pid) {
    const auto program = go::read_program_file(proc_path(pid, "exe"), go::Look::through_all);
    if (!program || program->sites.count == 0) return {};
    GoProcess found{GoProcess::Site::unseen, !program->has_loader};
    const auto entry = told_by_kernel(pid, AT_ENTRY);
    if (entry) found.site = site_at(pid, program->sites.places[0] + (*entry - program->entry));
    return found;
}

}  // namespace lastcall::command
