// The sums and the one diagnosis.

#include "report.hpp"

#include "text.hpp"

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

std::string nothing_to_do(const Tally& total) {
    const std::uint64_t tls = total.opaque[static_cast<std::size_t>(Opaque::tls)];
    const std::uint64_t http2 = total.opaque[static_cast<std::size_t>(Opaque::http2)];
    if (total.exchanges != 0 || tls + http2 == 0 || tls + http2 != total.all_opaque()) return {};
    if (http2 == 0) {
        return "All its traffic is TLS, which the server ends itself: there is nothing that "
               "lastcall "
               "can do here. End TLS in front of it, or use the server's own limit.";
    }
    if (tls == 0) {
        return "All its traffic is HTTP/2, where Connection: close does not exist: there is "
               "nothing "
               "that lastcall can do here. The server's own limit can send GOAWAY.";
    }
    return "All its traffic is TLS or HTTP/2: there is nothing that lastcall can do here.";
}

}  // namespace lastcall::command
