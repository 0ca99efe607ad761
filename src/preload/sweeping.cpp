// A dead server's page is known by its lock, which its last mapping takes with it, in whichever pid
// namespace that was. Only locks of version 4 and later, on file systems that keep them, are proof.

#include "sweeping.hpp"

#include "calls.hpp"
#include "raw.hpp"

#include <lastcall/status_page.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <cstring>

namespace lastcall::status {
namespace {

bool keeps_locks(long folder) {
    struct statfs system {};
    return raw::call(SYS_fstatfs, folder, &system) == 0 &&
           locks_are_proof(static_cast<std::uint64_t>(system.f_type));
}

// Such a page was locked before it became one.
bool is_page(long fd) {
    std::array<char, offsetof(Page, control)> head{};
    if (raw::call(SYS_read, fd, head.data(), head.size()) != static_cast<long>(head.size())) {
        return false;
    }
    std::uint32_t version_there = 0;
    std::uint32_t ready = 0;
    std::memcpy(&version_there, head.data() + offsetof(Page, version), sizeof version_there);
    std::memcpy(&ready, head.data() + offsetof(Page, ready), sizeof ready);
    return std::memcmp(head.data(), magic.data(), magic.size()) == 0 &&
           version_there >= first_locked && ready == 1;
}

// Another who sweeps may have been first, and the name be a new page's.
bool has_a_name(long fd) {
    struct stat status {};
    return raw::call(SYS_fstat, fd, &status) == 0 && status.st_nlink != 0;
}

void sweep_page(long folder, const char* name) {
    const long fd =
        raw::call(SYS_openat, folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return;
    if (is_page(fd) && raw::call(SYS_flock, fd, LOCK_EX | LOCK_NB) == 0 && has_a_name(fd)) {
        raw::call(SYS_unlinkat, folder, name, 0);
    }
    raw::call(SYS_close, fd);
}

// As getdents64(2) writes them: inode, offset, size of the entry, type, name.
void sweep_entries(long folder, const char* entries, const char* end) {
    constexpr std::size_t size_at = 16;
    constexpr std::size_t name_at = 19;
    while (entries < end) {
        std::uint16_t size = 0;
        std::memcpy(&size, entries + size_at, sizeof size);
        const char* const name = entries + name_at;
        if (Bytes(name).starts_with(file_prefix)) sweep_page(folder, name);
        entries += size;
    }
}

}  // namespace

void sweep(const char* path) {
    const long folder = raw::call(SYS_openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return;
    alignas(8) std::array<char, 640> entries;
    long size = 0;
    while (keeps_locks(folder) &&
           (size = raw::call(SYS_getdents64, folder, entries.data(), entries.size())) > 0) {
        sweep_entries(folder, entries.data(), entries.data() + size);
    }
    raw::call(SYS_close, folder);
}

}  // namespace lastcall::status
