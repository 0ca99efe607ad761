// A page is stale if nothing speaks for it: no visible process maps it or is the one in its name,
// and the kernel grants a write lease, which it does only while nobody else has the file open or
// mapped, in any container (fcntl(2)). On overlayfs it grants one while the file is mapped, too
// (the layer below counts that), and of network file systems it knows this machine's users only:
// nothing is held stale there. Refused is proof on all of them: somebody has the file open. A
// lease's holder gets SIGIO when another opens the file, hence that signal is ignored.

#include "stale.hpp"

#include "../moment.hpp"
#include "../options.hpp"
#include "../processes/identity.hpp"
#include "../text.hpp"
#include "pages.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>

namespace lastcall::command {
namespace {

enum class Then : std::uint8_t { leave, remove };

// What is asked once for all files of a folder, and only if there is one.
struct Visible {
    Processes processes = visible_processes();
    std::vector<FoundPage> pages = pages_among(processes);
};

bool lease_is_proof(int file) {
    struct statfs system {};
    if (fstatfs(file, &system) != 0) return false;
    return status::locks_are_proof(static_cast<std::uint64_t>(system.f_type));
}

// By its inode, whatever the device, which may look another one from here; or by its name.
bool is_mapped(const Visible& visible, const std::string& path, std::uint64_t inode) {
    return std::any_of(visible.pages.begin(), visible.pages.end(), [&](const FoundPage& page) {
        return page.inode == inode || base_name(page.path) == base_name(path);
    });
}

bool maker_lives(const Visible& visible, const std::string& path) {
    const PageName name = read_page_name(path).value_or(PageName{});
    return std::any_of(visible.processes.begin(), visible.processes.end(),
                       [&](const Process& process) {
                           return process.start == name.start && inner_pid(process.pid) == name.pid;
                       });
}

// Whoever only looks at a folder has its pages open for a moment, too, which is over by the second
// time.
int error_of_lease(int file, bool again) {
    if (fcntl(file, F_SETLEASE, F_WRLCK) == 0) return 0;
    if (errno != EAGAIN || !again) return errno;
    wait_until(now() + 2);
    return fcntl(file, F_SETLEASE, F_WRLCK) == 0 ? 0 : errno;
}

// A lease is for the file's owner to have, or for who has CAP_LEASE.
int error_of_lease(int file, const struct stat& status, bool again) {
    int error = 0;
    ask_as({status.st_uid, status.st_gid}, [&] {
        error = error_of_lease(file, again);
        return error != EACCES;
    });
    return error;
}

// Of a page that is another user's, and for us to read: its lock tells. Held for no longer than
// that.
Use use_by_lock(int file) {
    const Descriptor again{open(printed("/proc/self/fd/%d", file).c_str(), O_RDONLY | O_CLOEXEC)};
    if (!again || !lease_is_proof(file) || !read_page(again).page) return Use::forbidden;
    if (flock(again.number(), LOCK_EX | LOCK_NB) == 0) return Use::none;
    return errno == EWOULDBLOCK ? Use::some : Use::forbidden;
}

// Removed, if so wished, while the lease still holds.
Use use_of(int file, const std::string& path, const Visible& visible, Then then) {
    struct stat status {};
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) return Use::doubtful;
    const bool mapped = is_mapped(visible, path, status.st_ino);
    const bool ours = status.st_uid == geteuid() || geteuid() == 0;
    if (then == Then::remove && (mapped || !ours)) return Use::doubtful;
    const int error = error_of_lease(file, status, !mapped);
    if (error != 0) {
        if (error == EAGAIN) return Use::some;
        return error == EACCES ? use_by_lock(file) : Use::doubtful;
    }
    const bool stale = ours && !mapped && lease_is_proof(file) && !maker_lives(visible, path);
    if (stale && then == Then::remove) unlink(path.c_str());
    const bool ended = ask_as({status.st_uid, status.st_gid},
                              [&] { return fcntl(file, F_SETLEASE, F_UNLCK) == 0; });
    return stale && ended ? Use::none : Use::doubtful;
}

PageFile page_file(const std::string& path, const Visible& visible, Then then) {
    const Descriptor file{open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    if (!file) return {path, 0, errno == EACCES ? Use::forbidden : Use::doubtful};
    struct stat status {};
    if (fstat(file.number(), &status) != 0) return {path};
    return {path, status.st_ino, use_of(file.number(), path, visible, then)};
}

std::vector<PageFile> look_at(const std::string& folder, Then then, std::error_code& error) {
    struct sigaction ignore {};
    struct sigaction before {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGIO, &ignore, &before);
    std::vector<PageFile> files;
    std::optional<Visible> visible;
    std::filesystem::directory_iterator entry(folder, error);
    for (; !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
        const std::string path = entry->path().string();
        if (!is_page_name(path)) continue;
        if (!visible) visible.emplace();
        files.push_back(page_file(path, *visible, then));
    }
    sigaction(SIGIO, &before, nullptr);
    return files;
}

}  // namespace

std::vector<PageFile> page_files(const std::string& folder) {
    std::error_code error;
    auto files = look_at(folder, Then::leave, error);
    if (error) throw Failure(folder + ": " + error.message());
    std::sort(files.begin(), files.end(),
              [](const PageFile& a, const PageFile& b) { return a.path < b.path; });
    return files;
}

void sweep(const std::string& folder) {
    std::error_code ignored;
    const auto removed = look_at(folder, Then::remove, ignored);
    static_cast<void>(removed);
}

}  // namespace lastcall::command
