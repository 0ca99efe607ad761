// The clients of the scenes that speak HTTP/2. Know what may come and what must, nothing of the
// server.
#pragma once

#include "clients.hpp"

namespace lastcall::threads {

// As run_clients. Where the server promises anything, no byte may be wrong; if the errand is exact,
// no connection may end early either, and none be told late.
[[nodiscard]] bool run_frames_clients(const Errand& errand);

}  // namespace lastcall::threads
