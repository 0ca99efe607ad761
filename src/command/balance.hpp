// The arithmetic of `plan`: how long connections may last so that the load settles in time, what it
// costs, and how far a new instance has come after a while. Pure; the derivation is in plan's help
// and in the manual.
#pragma once

#include <cstdint>

namespace lastcall::command {

struct Load {
    double requests_per_second = 0;  // of all clients together
    double clients = 1;
    double connections = 1;  // of all clients together
    double streams = 0;      // of HTTP/2, open at once on each connection; 0: HTTP/1.1
    double settle = 60;      // seconds
    double jitter = 0.1;     // a share, 0 to 1
};

struct Plan {
    double connection_rate = 0;  // requests per second on one connection
    std::uint32_t requests = 1;  // N
    double longest = 0;          // seconds that N requests take
    double jitter = 0;           // of N: only whole requests can be left out
    double mean = 0;             // seconds that a connection lasts
    double reconnects = 0;       // per second, of all connections
    double cost = 0;             // the share of the requests that are last
    bool settles = false;        // is the longest within the wished time?
    bool capped = false;   // is the count that the wished time asks for more than there may be?
    bool by_count = true;  // are the streams in flight, on top of N, few beside it?
};

[[nodiscard]] Plan plan_for(const Load& load);

// The share of the connections that have been opened anew by `time` seconds after a moment at which
// each was at a random point of its life: 0 to 1. Lives are uniform on [(1-jitter) longest,
// longest].
[[nodiscard]] double renewed(double time, double longest, double jitter);

}  // namespace lastcall::command
