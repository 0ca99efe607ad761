// A stub is the site's own instruction and comparison, before which the trampoline may be entered,
// and behind which the program goes on. It lies within the reach of one jump. No memory is ever
// writable and executable at once, unless the kernel leaves no other way.

#include "stubs.hpp"

#include "../../preload/raw.hpp"
#if defined(__x86_64__)
#include "stub_x86_64.hpp"
#elif defined(__aarch64__)
#include "stub_aarch64.hpp"
#else
#error "Go is known on x86-64 and aarch64 only"
#endif

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <cstring>

extern "C" [[gnu::visibility("hidden")]] void lastcall_go_trampoline();

namespace lastcall::go {
namespace {

// Before Linux 4.17 the kernel takes the address for a wish.
std::uint64_t page_at(std::uint64_t address) {
    const long made =
        raw::kernel(SYS_mmap, raw::word(address), raw::word(page_size()), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (raw::is_error(made)) return 0;
    if (static_cast<std::uint64_t>(made) == address) return address;
    raw::kernel(SYS_munmap, made, raw::word(page_size()));
    return 0;
}

// Below the program first: above it lies its heap, which grows.
std::uint64_t page_near(std::uint64_t site) {
    constexpr std::uint64_t step = std::uint64_t{1} << 20;
    const std::uint64_t here = site & ~(page_size() - 1);
    for (std::uint64_t away = step; away < reach - 2 * step;
         away += away < 32 * step ? step : away / 4) {
        const std::uint64_t apart = away & ~(page_size() - 1);
        if (here > apart) {
            if (const std::uint64_t made = page_at(here - apart); made != 0) return made;
        }
        if (const std::uint64_t made = page_at(here + apart); made != 0) return made;
    }
    return 0;
}

void fill(std::uint64_t page, const Sites& sites) {
    for (std::size_t i = 0; i < sites.count; ++i) {
        const std::uint64_t own = page + i * sizeof(Stub);
        const Stub stub = make_stub(own, sites.places[i],
                                    reinterpret_cast<std::uint64_t>(&lastcall_go_trampoline));
        std::memcpy(reinterpret_cast<void*>(own), &stub, sizeof stub);
    }
}

// What stood at a stub's site.
const void* original(std::uint64_t stub) {
    return reinterpret_cast<const void*>(stub + offsetof(Stub, call));
}

bool is_untouched(std::uint64_t site) {
    return is_untouched_site({reinterpret_cast<const char*>(site), site_size});
}

// By the process's own memory file, which needs no page made writable.
bool write_by_file(std::uint64_t site, const Patch& patch) {
    const long fd =
        raw::kernel(SYS_openat, AT_FDCWD, raw::word("/proc/self/mem"), O_RDWR | O_CLOEXEC);
    if (raw::is_error(fd)) return false;
    const long size =
        raw::kernel(SYS_pwrite64, fd, raw::word(&patch), sizeof patch, raw::word(site));
    raw::kernel(SYS_close, fd);
    return size == sizeof patch;
}

bool write_by_protection(std::uint64_t site, const Patch& patch) {
    const std::uint64_t first = site & ~(page_size() - 1);
    const std::uint64_t size = ((site + site_size - 1) & ~(page_size() - 1)) - first + page_size();
    const auto protect = [&](long protection) {
        return raw::kernel(SYS_mprotect, raw::word(first), raw::word(size), protection) == 0;
    };
    // One step: taken away first, it might not be given back.
    if (!protect(PROT_READ | PROT_WRITE | PROT_EXEC)) return false;
    std::memcpy(reinterpret_cast<void*>(site), &patch, sizeof patch);
    // Should this be refused, the page stays writable; what is written stands all the same.
    protect(PROT_READ | PROT_EXEC);
    return true;
}

bool write(std::uint64_t site, const Patch& patch) {
    if (!write_by_file(site, patch) && !write_by_protection(site, patch)) return false;
    is_code_now(site, sizeof patch);
    return true;
}

bool all_within_reach(std::uint64_t page, const Sites& sites) {
    for (std::size_t i = 0; i < sites.count; ++i) {
        const std::uint64_t place = sites.places[i];
        if ((place > page ? place - page : page - place) >= reach - page_size()) return false;
    }
    return true;
}

// Null: they stand. Else those that do are put back, by what the stubs hold of them.
const char* write_all(const Sites& sites, std::uint64_t page) {
    for (std::size_t i = 0; i < sites.count; ++i) {
        if (write(sites.places[i], make_patch(sites.places[i], page + i * sizeof(Stub)))) continue;
        for (std::size_t done = 0; done <= i; ++done) {
            Patch before;
            std::memcpy(&before, original(page + done * sizeof(Stub)), sizeof before);
            if (!is_untouched(sites.places[done])) write(sites.places[done], before);
        }
        return "its code cannot be changed";
    }
    return nullptr;
}

const char* make_stubs(const Sites& sites, std::uint64_t page) {
    fill(page, sites);
    if (raw::kernel(SYS_mprotect, raw::word(page), raw::word(page_size()), PROT_READ | PROT_EXEC) !=
        0) {
        return "new code cannot be made executable";
    }
    is_code_now(page, sites.count * sizeof(Stub));
    return nullptr;
}

}  // namespace

const char* patch(const Sites& sites) {
    const std::uint64_t page = page_near(sites.places[0]);
    if (page == 0) return "there is no room near its code";
    const char* why = "its code is too large for one jump";
    if (all_within_reach(page, sites)) why = make_stubs(sites, page);
    if (why == nullptr) why = write_all(sites, page);
    if (why != nullptr && !leads_here(sites)) {
        raw::kernel(SYS_munmap, raw::word(page), raw::word(page_size()));
    }
    return why;
}

bool leads_here(const Sites& sites) {
    for (std::size_t i = 0; i < sites.count; ++i) {
        if (!is_untouched(sites.places[i])) return true;
    }
    return false;
}

}  // namespace lastcall::go
