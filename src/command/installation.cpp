// The command and its library belong together: no other is looked for.

#include "installation.hpp"

#include "files.hpp"
#include "text.hpp"

#include <unistd.h>

namespace lastcall::command {

FoundLibrary find_library() {
    const std::string here = folder_of(link_target("/proc/self/exe"));
    for (const char* const place : {"/liblastcall.so", "/../lib/lastcall/liblastcall.so"}) {
        const std::string path = here + place;
        if (access(path.c_str(), R_OK) == 0) return {.path = real_path(path)};
    }
    return {.error = "no liblastcall.so in " + here + " or " + here + "/../lib/lastcall"};
}

}  // namespace lastcall::command
