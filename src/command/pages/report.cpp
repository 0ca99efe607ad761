// The sums and the one diagnosis.

#include "report.hpp"

#include "../text.hpp"

#include <unistd.h>

namespace lastcall::command {
namespace {

std::uint32_t drained_percent(const Limits& limits, std::uint64_t now) {
    if (limits.drain_start == 0 || now < limits.drain_start) return 0;
    const std::uint64_t passed = now - limits.drain_start;
    if (passed >= limits.drain_ramp) return 100;
    return static_cast<std::uint32_t>(passed * 100 / limits.drain_ramp);
}

}  // namespace

void sum_up(ServerReport& report, std::uint64_t now) {
    report.open = 0;
    for (const WorkerReport& worker : report.workers) report.open += worker.numbers.connections();
    if (report.unseen) {
        for (const WorkerTally& worker : report.numbers.workers)
            report.open += worker.connections();
    }
    report.drained = drained_percent(report.numbers.limits, now);
}

double start_time(const ServerReport& report) {
    if (report.booted == 0 || report.numbers.start == 0) return 0;
    const auto ticks = static_cast<double>(report.numbers.start);
    return static_cast<double>(report.booted) + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::string nothing_to_do(const Tally& total) {
    const std::uint64_t tls = total.opaque[static_cast<std::size_t>(Opaque::tls)];
    const bool followed = total.exchanges != 0 || total.http2.connections != 0;
    if (followed || tls == 0 || tls != total.all_opaque()) return {};
    return "All its traffic is TLS, which the server ends itself: there is nothing that lastcall "
           "can do here, whichever HTTP is in it. End TLS in front of it, or use the server's own "
           "limit.";
}

}  // namespace lastcall::command
