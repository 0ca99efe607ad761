// Which version this is.
#pragma once

namespace lastcall::command {

extern const char* const version;

}  // namespace lastcall::command
