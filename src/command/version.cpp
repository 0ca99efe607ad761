// The build says it: the file VERSION is the one source.

#include "version.hpp"

#ifndef LASTCALL_VERSION
#define LASTCALL_VERSION "unknown"
#endif

namespace lastcall::command {

const char* const version = LASTCALL_VERSION;

}  // namespace lastcall::command
