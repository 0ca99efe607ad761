// The command and its library belong together: no other is looked for.

#include "installation.hpp"

#include "files.hpp"
#include "text.hpp"

#include <sys/auxv.h>
#include <unistd.h>

namespace lastcall::command {

namespace {

// Without /proc, as it was started.
std::string own_path() {
    const std::string path = link_target("/proc/self/exe");
    const auto* const started = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
    return path.empty() && started != nullptr ? std::string{started} : path;
}

}  // namespace

FoundLibrary find_library() {
    const std::string here = folder_of(own_path());
    for (const char* const place : {"/liblastcall.so", "/../lib/lastcall/liblastcall.so"}) {
        const std::string path = here + place;
        if (access(path.c_str(), R_OK) == 0) return {.path = real_path(path)};
    }
    return {.error = "no liblastcall.so in " + here + " or " + here + "/../lib/lastcall"};
}

}  // namespace lastcall::command
