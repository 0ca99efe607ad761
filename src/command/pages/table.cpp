// The report for people: a few lines for each server, a line for each worker.

#include "../text.hpp"
#include "../values.hpp"
#include "report.hpp"

namespace lastcall::command {
namespace {

using Number = unsigned long long;

std::string line(const char* label, const std::string& text) {
    return printed("  %-16s %s\n", label, text.c_str());
}

// Of the command line, as much as tells one server from another.
std::string command_lines(const ServerReport& server) {
    constexpr std::size_t most = 120;
    std::string text = visible(server.command);
    if (text.size() > most) text = text.substr(0, most) + "...";
    if (!text.empty()) text = line("command", text);
    return server.listening.empty() ? text
                                    : text + line("listens on", ports_text(server.listening));
}

std::string limits_line(const ServerReport& server) {
    const Limits& limits = server.numbers.limits;
    std::string text = "requests=" + requests_text(limits.requests) +
                       " age=" + age_text(limits.age) + " jitter=" + jitter_text(limits.jitter) +
                       " rate=" + rate_text(limits.rate);
    if (limits.observe) text += ", only observed: nothing is closed";
    return line("limits", text);
}

std::string drain_line(const ServerReport& server) {
    const Limits& limits = server.numbers.limits;
    if (limits.drain_start == 0) return {};
    const std::string over =
        limits.drain_ramp == 0 ? "at once" : "over " + duration_text(limits.drain_ramp);
    return line("drain",
                printed("%s: %u%% of the requests are picked", over.c_str(), server.drained));
}

std::string in_parts(const ByTrigger& counts) {
    return printed(" (by requests %llu, by age %llu, by drain %llu)", Number{counts.requests},
                   Number{counts.age}, Number{counts.drain});
}

std::string last_line(const Tally& total) {
    std::string text = printed("%llu", Number{total.last.sum()});
    if (total.last.sum() != 0) text += in_parts(total.last);
    if (total.rate_deferred != 0) {
        text += printed(", put off by the rate %llu times", Number{total.rate_deferred});
    }
    return line("last exchanges", text);
}

// Of what the line above counts, a part; nothing if there is none.
std::string part_line(std::uint64_t count, const std::string& text) {
    return count == 0 ? "" : line("", printed("%llu  %s", Number{count}, text.c_str()));
}

std::string http2_lines(const Http2Tally& http2) {
    if (http2.connections == 0) return {};
    return line("HTTP/2", printed("%llu of the connections", Number{http2.connections})) +
           part_line(http2.told.sum(), "told to go" + in_parts(http2.told)) +
           part_line(http2.left, "told, and then closed by the client") +
           part_line(http2.finished, "told, and then ended when no stream had been open for 1 s") +
           part_line(http2.sent_on, "told, with streams opened more than 1 s later");
}

std::string opaque_lines(const Tally& total) {
    std::string text = line("opaque", printed("%llu", Number{total.all_opaque()}));
    for (std::size_t reason = 1; reason < total.opaque.size(); ++reason) {
        text += part_line(total.opaque[reason], reason_text(reason));
    }
    return text;
}

std::string discarded_lines(const Tally& total) {
    std::string text;
    if (total.bytes_discarded != 0 || total.sent_on != 0) {
        text += line("discarded", printed("%llu bytes that clients sent behind a last request",
                                          Number{total.bytes_discarded}));
        text += line("sent on", printed("%llu clients did so", Number{total.sent_on}));
    }
    if (total.unproven != 0) {
        text += line("unproven", printed("%llu edits or GOAWAYs on a kernel that keeps no counts",
                                         Number{total.unproven}));
    }
    return text;
}

std::string worker_lines(const ServerReport& server) {
    if (server.unseen) {
        return line("workers",
                    "not to be seen from here; the open connections are of all that "
                    "counted, killed ones as well");
    }
    if (server.workers.empty()) return line("workers", "none has counted anything yet");
    std::string text = printed("  %-16s %10s %10s %12s %12s %14s %8s\n", "worker", "process",
                               "open", "connections", "exchanges", "last exchanges", "opaque");
    for (const WorkerReport& worker : server.workers) {
        const Tally& tally = worker.numbers.tally;
        const std::string pid = worker.pid == 0 ? "others" : std::to_string(worker.pid);
        text +=
            printed("  %-16s %10s %10lld %12llu %12llu %14llu %8llu\n", "", pid.c_str(),
                    static_cast<long long>(worker.numbers.open), Number{tally.connections},
                    Number{tally.exchanges}, Number{tally.last.sum()}, Number{tally.all_opaque()});
    }
    return text;
}

std::string server_block(const ServerReport& server) {
    std::string text = visible(server.name);
    if (server.pid != 0) text += printed(", process %d", server.pid);
    if (!server.error.empty()) {
        return text + "\n" + line("not readable", visible(server.path) + ": " + server.error);
    }
    if (server.stale) text += ", gone: the page is stale";
    if (server.unseen) {
        text += printed(", process %d where it runs, which cannot be seen from here",
                        server.numbers.pid);
    }
    text += '\n';
    const Tally& total = server.numbers.total;
    text += command_lines(server) + limits_line(server) + drain_line(server);
    text += line("connections",
                 printed("%llu open, %llu so far", Number{server.open}, Number{total.connections}));
    text += line("exchanges", printed("%llu", Number{total.exchanges}));
    text += last_line(total) + http2_lines(total.http2) + opaque_lines(total);
    text += discarded_lines(total);
    if (!server.stale) text += worker_lines(server);
    text += line("page", visible(server.path));
    const std::string nothing = nothing_to_do(total);
    return nothing.empty() ? text : text + "  " + nothing + '\n';
}

}  // namespace

std::string as_table(const Reports& reports) {
    std::string text;
    for (const ServerReport& server : reports) {
        if (!text.empty()) text += '\n';
        text += server_block(server);
    }
    return text;
}

}  // namespace lastcall::command
