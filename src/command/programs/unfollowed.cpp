// What a Go program says of itself, later and without this command, is go/as_if_without.hpp's.

#include "unfollowed.hpp"

#include "../text.hpp"

#include <cstdio>

namespace lastcall::command {

void tell_unfollowed(const std::string& who, const std::string& why) {
    std::fprintf(stderr, "lastcall: %s will run as if without lastcall: %s\n", visible(who).c_str(),
                 visible(why).c_str());
}

}  // namespace lastcall::command
