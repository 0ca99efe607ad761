// Serves one text over HTTP to whoever asks for /metrics, until SIGTERM or SIGINT. Knows sockets
// and their deadlines; what is said is scrape.hpp's business.
#pragma once

#include "endpoint.hpp"
#include "scrape.hpp"

namespace lastcall::command {

// Returns when a signal has ended it. Throws Failure if it cannot listen.
void serve(const Endpoint& endpoint, const Metrics& metrics);

}  // namespace lastcall::command
