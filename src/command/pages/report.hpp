// What a status page says about a server, put together for printing. The three printers, for
// people, as JSON and for Prometheus, are pure functions of it.
#pragma once

#include "page.hpp"

#include <string>
#include <vector>

namespace lastcall::command {

struct WorkerReport {
    int pid = 0;  // as seen from here
    WorkerTally numbers;
};

struct ServerReport {
    int pid = 0;  // as seen from here, of the process that made the page or of a worker
    std::string name;
    std::string command;                   // line, as far as it is to be seen
    std::vector<std::uint16_t> listening;  // ports, as far as they are to be seen
    std::string path;
    std::string error;  // not to be read: why; the rest is empty then
    bool stale = false;
    bool unseen = false;       // somebody maps it, nobody to be seen: live workers are not known
    std::uint64_t booted = 0;  // when the system was, in seconds of Unix time; 0: not known
    PageNumbers numbers;
    std::vector<WorkerReport> workers;  // those that live
    std::uint64_t open = 0;             // connections, of those; if unseen, of all that counted
    std::uint32_t drained = 0;          // percent of the requests that a drain picks now
};

using Reports = std::vector<ServerReport>;

// Sums up the workers; all but the sums is in place.
void sum_up(ServerReport& report, std::uint64_t now);

// When the process that made the page was started, in seconds of Unix time; 0: not known.
[[nodiscard]] double start_time(const ServerReport& report);

// Is there nothing to do here, because the server speaks TLS to its clients? In words; empty: no.
[[nodiscard]] std::string nothing_to_do(const Tally& total);

[[nodiscard]] std::string as_table(const Reports& reports);
[[nodiscard]] std::string as_json(const Reports& reports);
[[nodiscard]] std::string as_prometheus(const Reports& reports);

}  // namespace lastcall::command
