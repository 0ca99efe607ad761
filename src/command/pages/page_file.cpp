// A page may lie in a container's own /dev/shm: the path is resolved below its holder's root, and
// no symbolic link of a stranger can lead out of it. A page whose name is gone, or is another
// file's now, is still reached through the mapping itself, where the kernel allows that. However it
// was opened, it is the file that the holder maps or none.

#include "../processes/identity.hpp"
#include "pages.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstring>

#include "../text.hpp"

namespace lastcall::command {
namespace {

using Open = int (*)(const Holder& holder, const FoundPage& page, int flags);

int open_below_root(const Holder& holder, const FoundPage& page, int flags) {
    const std::string root = proc_path(holder.process.pid, "root");
    const Descriptor folder{open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!folder) return -1;
    struct open_how how {};
    how.flags = static_cast<std::uint64_t>(flags);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    const long opened = syscall(SYS_openat2, folder.number(), page.path.c_str(), &how, sizeof how);
    const bool unknown = opened < 0 && (errno == ENOSYS || errno == EPERM);  // Linux before 5.6
    return unknown ? open((root + page.path).c_str(), flags) : static_cast<int>(opened);
}

int open_through_mapping(const Holder& holder, const FoundPage&, int flags) {
    const std::string mapped = proc_path(holder.process.pid, "map_files/") + holder.mapped;
    return open(mapped.c_str(), flags & ~O_NOFOLLOW);
}

// Of a holder that changed its root, the kernel shows the path below ours.
int open_as_seen_here(const Holder&, const FoundPage& page, int flags) {
    return open(page.path.c_str(), flags);
}

// Of these, /proc/PID/maps tells another device than stat does: that of a layer, of the whole.
bool tells_another_device(int file) {
    struct statfs system {};
    if (fstatfs(file, &system) != 0) return true;
    const auto type = static_cast<std::uint64_t>(system.f_type);
    return type == OVERLAYFS_SUPER_MAGIC || type == BTRFS_SUPER_MAGIC;
}

// Why it is not the file that is mapped; empty: it is.
std::string stranger(int file, const FoundPage& page) {
    struct stat status {};
    if (fstat(file, &status) != 0) return std::strerror(errno);
    if (!S_ISREG(status.st_mode)) return "it is not a regular file";
    const bool same = status.st_ino == page.inode &&
                      (device_text(status.st_dev) == page.device || tells_another_device(file));
    return same ? "" : "its name is another file's now";
}

Descriptor open_through(const Holder& holder, const FoundPage& page, int flags,
                        std::string& error) {
    constexpr std::array<Open, 3> ways{open_below_root, open_through_mapping, open_as_seen_here};
    error.clear();
    for (const Open way : ways) {
        Descriptor file{way(holder, page, flags)};
        const std::string wrong =
            file ? stranger(file.number(), page) : std::string{std::strerror(errno)};
        if (wrong.empty()) return file;
        if (error.empty()) error = wrong;  // the first way is the one that people take
    }
    return Descriptor{};
}

std::string refusal_of(const Descriptor& file, const status::Page& page) {
    struct stat status {};
    if (fstat(file.number(), &status) != 0) return std::strerror(errno);
    return refusal(page, static_cast<std::uint64_t>(status.st_size));
}

}  // namespace

std::string device_text(dev_t device) { return printed("%02x:%02x", major(device), minor(device)); }

Descriptor open_page(const FoundPage& page, Access access, std::string& error) {
    const int flags = (access == Access::write ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_NOCTTY |
                      O_CLOEXEC | O_NOFOLLOW;
    for (const Holder& holder : page.holders) {
        Descriptor file;
        ask_as_process(holder.process.pid, [&] {
            file = open_through(holder, page, flags, error);
            return static_cast<bool>(file);
        });
        if (file) return file;
    }
    return Descriptor{};
}

Picture read_page(const Descriptor& file) {
    auto page = std::make_unique<status::Page>();
    void* const bytes = page.get();
    const ssize_t count = pread(file.number(), bytes, sizeof(status::Page), 0);
    std::string error =
        count < 0 ? std::strerror(errno) : refusal(*page, static_cast<std::uint64_t>(count));
    if (!error.empty()) return {nullptr, std::move(error)};
    return {std::move(page), {}};
}

Picture read_page(const FoundPage& page) {
    std::string error;
    const Descriptor file = open_page(page, Access::read, error);
    return file ? read_page(file) : Picture{nullptr, error};
}

std::string with_control(const FoundPage& page, const std::function<void(status::Control&)>& use) {
    std::string error;
    const Descriptor file = open_page(page, Access::write, error);
    if (!file) return error;
    const Picture picture = read_page(file);
    if (!picture.page) return picture.error;
    void* const mapped =
        mmap(nullptr, sizeof(status::Page), PROT_READ | PROT_WRITE, MAP_SHARED, file.number(), 0);
    if (mapped == MAP_FAILED) return std::strerror(errno);
    // Once more, now that nothing but the writing lies between.
    error = refusal_of(file, *picture.page);
    if (error.empty()) use(static_cast<status::Page*>(mapped)->control);
    munmap(mapped, sizeof(status::Page));
    return error;
}

}  // namespace lastcall::command
