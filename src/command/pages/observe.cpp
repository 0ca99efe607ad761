// A worker on the page lives if a process that maps the page has its id, in that process's own pid
// namespace, and had started when the worker took its place.

#include "observe.hpp"

#include "../moment.hpp"
#include "../processes/listeners.hpp"
#include "../text.hpp"

#include <unistd.h>
#include <algorithm>

namespace lastcall::command {
namespace {

template <typename Check>
const Holder* holder_of(const FoundPage& page, int inner_pid, Check check) {
    const auto found =
        std::find_if(page.holders.begin(), page.holders.end(), [&](const Holder& holder) {
            return holder.inner_pid == inner_pid && check(holder.process);
        });
    return found == page.holders.end() ? nullptr : &*found;
}

// A time in clock ticks since boot, in milliseconds.
std::uint64_t milliseconds(std::uint64_t ticks) {
    return ticks * 1000 / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
}

// The maker, or what is left of its family.
int shown_pid(const FoundPage& page, const PageNumbers& numbers) {
    const Holder* const maker = holder_of(
        page, numbers.pid, [&](const Process& process) { return process.start == numbers.start; });
    return (maker != nullptr ? *maker : page.holders[0]).process.pid;
}

std::vector<WorkerReport> live_workers(const FoundPage& page, const PageNumbers& numbers) {
    std::vector<WorkerReport> live;
    for (const WorkerTally& worker : numbers.workers) {
        const Holder* const holder = holder_of(page, worker.pid, [&](const Process& process) {
            return worker.taken == 0 || milliseconds(process.start) <= worker.taken;
        });
        // No pid: the place shared by processes that found none of their own.
        if (holder == nullptr && worker.pid != 0) continue;
        live.push_back({holder != nullptr ? holder->process.pid : 0, worker});
    }
    return live;
}

// The shown process first: a worker may have closed what its master listens on, or the other way.
std::vector<std::uint16_t> ports_of(const FoundPage& page, int shown) {
    constexpr std::size_t most_asked = 8;
    std::vector<std::uint16_t> ports = listening_ports(shown);
    for (std::size_t i = 0; ports.empty() && i < std::min(page.holders.size(), most_asked); ++i) {
        ports = listening_ports(page.holders[i].process.pid);
    }
    return ports;
}

}  // namespace

std::uint64_t boot_time() {
    return read_boot_time(read_text("/proc/stat").value_or("")).value_or(0);
}

ServerReport report_on(const FoundPage& page) {
    ServerReport report;
    report.path = page.path;
    report.pid = page.holders[0].process.pid;
    const Picture picture = read_page(page);
    report.error = picture.error;
    if (picture.page) {
        report.numbers = read_numbers(*picture.page);
        report.pid = shown_pid(page, report.numbers);
        report.workers = live_workers(page, report.numbers);
        sum_up(report, now());
    }
    constexpr std::size_t longest_command = 4096;
    report.name = server_name(report.pid);
    report.command = command_line(report.pid, longest_command);
    report.listening = ports_of(page, report.pid);
    report.booted = boot_time();
    return report;
}

std::uint64_t open_connections(const FoundPage& page, const PageNumbers& numbers) {
    std::uint64_t open = 0;
    for (const WorkerReport& worker : live_workers(page, numbers)) {
        open += worker.numbers.connections();
    }
    return open;
}

Reports report_on(const std::vector<FoundPage>& pages) {
    Reports reports;
    for (const FoundPage& page : pages) reports.push_back(report_on(page));
    return reports;
}

}  // namespace lastcall::command
