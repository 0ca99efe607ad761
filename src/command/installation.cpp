// The command and its library belong together: no other is looked for.

#include "installation.hpp"

#include "files.hpp"
#include "text.hpp"

#include <sys/auxv.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

namespace lastcall::command {

namespace {

// Set by the build, from LIBDIR: absolute, or as seen from the command's folder.
#ifdef LASTCALL_PLACE
constexpr const char* place = LASTCALL_PLACE;
#else
constexpr const char* place = "../lib/lastcall";
#endif

// Without /proc, as it was started.
std::string own_path() {
    const std::string path = link_target("/proc/self/exe");
    const auto* const started = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
    return path.empty() && started != nullptr ? std::string{started} : path;
}

}  // namespace

FoundLibrary find_library() {
    const std::string here = folder_of(own_path());
    const std::string there = Bytes{place}.starts_with('/') ? place : here + '/' + place;
    for (const std::string& folder : {here, there}) {
        const std::string path = folder + "/liblastcall.so";
        if (access(path.c_str(), R_OK) == 0) return {.path = real_path(path)};
        if (errno != ENOENT && errno != ENOTDIR) {
            return {.error = visible(path) + ": " + std::strerror(errno)};
        }
    }
    return {.error = "no liblastcall.so in " + visible(here) + " or " + visible(there)};
}

}  // namespace lastcall::command
