// Where the library keeps what a thread remembers.

#include "own_thread.hpp"

namespace lastcall {

constinit thread_local ThreadMemory thread_memory;

}  // namespace lastcall
