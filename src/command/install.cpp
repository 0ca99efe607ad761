// lastcall install: puts the command and its libraries into a folder, as the init container of a
// pod does. Each file appears there whole or not at all, also to a program that uses the one
// before.

#include "files.hpp"
#include "installation.hpp"
#include "runs.hpp"
#include "text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace lastcall::command {
namespace {

struct File {
    std::string from;
    const char* name;
    mode_t mode;
};

[[noreturn]] void fail(const std::string& path) {
    throw Failure(visible(path) + ": " + std::strerror(errno));
}

// A file under another name, gone again unless it is given its own.
class Draft {
public:
    explicit Draft(const std::string& folder)
        : path_(folder + "/.lastcall-XXXXXX"), file_(mkostemp(path_.data(), O_CLOEXEC)) {
        if (!file_) fail(folder);
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    ~Draft() {
        if (!path_.empty()) unlink(path_.c_str());
    }

    void write(const char* bytes, std::size_t count, const std::string& target) {
        while (count != 0) {
            const ssize_t written = ::write(file_.number(), bytes, count);
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) fail(target);
            bytes += written;
            count -= static_cast<std::size_t>(written);
        }
    }

    // On the disk before it has the name: after a crash the name leads to nothing half written.
    void become(const std::string& target, mode_t mode) {
        const int file = file_.number();
        if (fchmod(file, mode) != 0 || fsync(file) != 0 ||
            rename(path_.c_str(), target.c_str()) != 0)
            fail(target);
        path_.clear();
    }

private:
    std::string path_;
    Descriptor file_;
};

void copy(const File& file, const std::string& folder) {
    const std::string target = folder + '/' + file.name;
    const Descriptor source{open(file.from.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!source) fail(file.from);
    Draft draft{folder};
    std::array<char, 65536> bytes;
    for (;;) {
        const ssize_t count = read(source.number(), bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail(file.from);
        if (count == 0) break;
        draft.write(bytes.data(), static_cast<std::size_t>(count), target);
    }
    draft.become(target, file.mode);
    std::printf("%s\n", visible(target).c_str());
}

void settle(const std::string& folder) {
    const Descriptor opened{open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    // Of a folder some file systems know no such thing.
    if (!opened || (fsync(opened.number()) != 0 && errno != EINVAL)) fail(folder);
}

}  // namespace

int run_install(const Arguments& arguments) {
    const auto operands = arguments.operands();
    if (operands.size() != 1 || operands[0].empty()) throw UsageError("expected one DIR");
    const std::string& folder = operands[0];
    struct stat status {};
    if (stat(folder.c_str(), &status) != 0) fail(folder);
    if (!S_ISDIR(status.st_mode)) throw Failure(visible(folder) + ": it is no folder");
    const FoundLibrary library = find_library();
    if (library.path.empty()) throw Failure(library.error);
    // The command last: who finds it finds the libraries beside it.
    copy({folder_of(library.path) + "/liblastcall-go.so", "liblastcall-go.so", 0644}, folder);
    copy({library.path, "liblastcall.so", 0644}, folder);
    copy({"/proc/self/exe", "lastcall", 0755}, folder);
    settle(folder);
    return 0;
}

}  // namespace lastcall::command
