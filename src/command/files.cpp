// Opened without waiting (a FIFO has no bytes to judge) and read, not mapped: a file that is cut
// short meanwhile is then a short file and not a SIGBUS.

#include "files.hpp"

#include "text.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

namespace lastcall::command {
namespace {

constexpr std::size_t most_text = std::size_t{16} << 20;

// Up to `most` bytes; fewer if there are no more, or on an error.
std::string read_up_to(int descriptor, std::size_t most) {
    constexpr std::size_t step = 65536;
    std::string bytes;
    while (bytes.size() < most) {
        const std::size_t before = bytes.size();
        bytes.resize(before + std::min(step, most - before));
        const ssize_t count = read(descriptor, bytes.data() + before, bytes.size() - before);
        bytes.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
    }
    return bytes;
}

Descriptor open_to_read(const std::string& path) {
    return Descriptor{open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
}

// The kernel's rule for AT_SECURE: it gains another user or group than the real ones, or
// capabilities that are not root's anyway; these count even where no_new_privs keeps them from it.
// (execve(2); security/commoncap.c)
bool would_gain(const Privileges& privileges, int descriptor, const struct stat& status) {
    struct statvfs system {};
    const bool barred = fstatvfs(descriptor, &system) == 0 && (system.f_flag & ST_NOSUID) != 0;
    if (barred) return false;
    if (privileges.capabilities && getuid() != 0) return true;
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 &&
           ((privileges.setuid && status.st_uid != getuid()) ||
            (privileges.setgid && status.st_gid != getgid()));
}

Privileges privileges_of(int descriptor, const struct stat& status) {
    Privileges found;
    found.setuid = (status.st_mode & S_ISUID) != 0;
    // Without the execute bit of the group it means mandatory locking.
    found.setgid = (status.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP);
    found.capabilities = fgetxattr(descriptor, "security.capability", nullptr, 0) > 0;
    found.in_force = would_gain(found, descriptor, status);
    return found;
}

}  // namespace

Descriptor::~Descriptor() {
    if (number_ >= 0) close(number_);
}

std::size_t FileImage::read(std::uint64_t offset, char* to, std::size_t count) const {
    std::size_t done = 0;
    while (done < count) {
        const ssize_t more =
            pread(file_.number(), to + done, count - done, static_cast<off_t>(offset + done));
        if (more < 0 && errno == EINTR) continue;
        if (more <= 0) break;
        done += static_cast<std::size_t>(more);
    }
    return done;
}

std::uint64_t FileImage::next_data(std::uint64_t offset) const {
    const off_t found = lseek(file_.number(), static_cast<off_t>(offset), SEEK_DATA);
    if (found >= 0) return static_cast<std::uint64_t>(found);
    return errno == ENXIO ? size_ : offset;  // behind the last; or holes are not known here
}

Content open_program(const std::string& path) {
    Content content;
    Descriptor file = open_to_read(path);
    struct stat status {};
    if (!file || fstat(file.number(), &status) != 0) {
        content.error = std::strerror(errno);
    } else if (!S_ISREG(status.st_mode)) {
        content.error = S_ISDIR(status.st_mode) ? "Is a directory" : "Not a regular file";
    } else {
        content.privileges = privileges_of(file.number(), status);
        content.image = std::make_unique<FileImage>(std::move(file),
                                                    static_cast<std::uint64_t>(status.st_size));
    }
    return content;
}

std::optional<std::string> read_text(const std::string& path) {
    const Descriptor file = open_to_read(path);
    if (!file) return {};
    return read_up_to(file.number(), most_text);
}

bool each_line(const std::string& path, const std::function<void(Bytes line)>& use) {
    return each_line_while(path, [&](Bytes line) {
        use(line);
        return true;
    });
}

bool each_line_while(const std::string& path, const std::function<bool(Bytes line)>& use) {
    const Descriptor file = open_to_read(path);
    if (!file) return false;
    std::string begun;  // a line whose end has not been read yet
    for (std::string more; !(more = read_up_to(file.number(), 65536)).empty();) {
        begun += more;
        Bytes rest = begun;
        for (std::size_t end = 0; (end = rest.find('\n')) != Bytes::npos;) {
            if (!use(first(rest, end))) return true;
            rest = from(rest, end + 1);
        }
        begun.erase(0, begun.size() - rest.size());
    }
    if (!begun.empty()) use(begun);
    return true;
}

bool is_executable(const std::string& path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
           access(path.c_str(), X_OK) == 0;
}

std::string find_in_path(const std::string& name) {
    if (name.empty()) return {};
    if (name.find('/') != std::string::npos) return access(name.c_str(), F_OK) == 0 ? name : "";
    const char* const path = std::getenv("PATH");
    for (const std::string& folder : split(path != nullptr ? path : "/usr/bin:/bin", ':')) {
        std::string found = (folder.empty() ? "." : folder) + '/' + name;
        if (is_executable(found)) return found;
    }
    return {};
}

std::string real_path(const std::string& path) {
    char* const found = realpath(path.c_str(), nullptr);
    if (found == nullptr) return path;
    std::string real = found;
    std::free(found);
    return real;
}

std::string link_target(const std::string& path) {
    std::array<char, PATH_MAX> target{};
    const ssize_t size = readlink(path.c_str(), target.data(), target.size());
    return {target.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

}  // namespace lastcall::command
