// The report as one JSON object (RFC 8259): always valid, whatever bytes the names hold.

#include "../json_object.hpp"
#include "../version.hpp"
#include "report.hpp"

namespace lastcall::command {
namespace {

std::string list_of_ports(const std::vector<std::uint16_t>& ports) {
    std::vector<std::string> items;
    for (const std::uint16_t port : ports) items.push_back(std::to_string(port));
    return listed(items);
}

std::string triggers_object(const ByTrigger& counts) {
    Object object;
    object.add("requests", counts.requests).add("age", counts.age);
    return object.add("drain", counts.drain).text();
}

std::string http2_object(const Http2Tally& http2) {
    Object object;
    object.add("connections", http2.connections).add("told", triggers_object(http2.told));
    object.add("finished", http2.finished).add("left", http2.left);
    return object.add("sent_on", http2.sent_on).text();
}

std::string lengths_object(const Lengths& ended) {
    Object connections;
    for (std::size_t i = 0; i < status::length_bounds.size(); ++i) {
        connections.add(std::to_string(status::length_bounds[i]), ended.connections[i]);
    }
    connections.add("more", ended.connections.back());
    Object object;
    object.add("connections_up_to", connections.text());
    return object.add("exchanges", ended.exchanges).text();
}

void add_tally(const Tally& tally, Object& object) {
    Object opaque;
    for (std::size_t reason = 1; reason < tally.opaque.size(); ++reason) {
        if (tally.opaque[reason] != 0 || is_reason(reason)) {
            opaque.add(reason_name(reason), tally.opaque[reason]);
        }
    }
    object.add("connections", tally.connections).add("exchanges", tally.exchanges);
    object.add("last_exchanges", triggers_object(tally.last));
    object.add("rate_deferred", tally.rate_deferred).add("http2", http2_object(tally.http2));
    object.add("ended", lengths_object(tally.ended));
    object.add("opaque", opaque.text()).add("discarded_bytes", tally.bytes_discarded);
    object.add("sent_on", tally.sent_on).add("unproven_edits", tally.unproven);
}

std::string limits_object(const Limits& limits) {
    Object object;
    object.add("requests", std::uint64_t{limits.requests});
    object.add("age_ms", std::uint64_t{limits.age});
    object.add("jitter_percent", std::uint64_t{limits.jitter});
    return object.add("rate", std::uint64_t{limits.rate}).text();
}

std::string drain_object(const ServerReport& server) {
    const Limits& limits = server.numbers.limits;
    Object object;
    object.add("running", limits.drain_start != 0);
    object.add("over_ms", std::uint64_t{limits.drain_ramp});
    return object.add("picked_percent", std::uint64_t{server.drained}).text();
}

std::string worker_object(const WorkerReport& worker) {
    Object object;
    object.add_signed("pid", worker.pid).add_signed("open", worker.numbers.open);
    add_tally(worker.numbers.tally, object);
    return object.text();
}

std::string server_object(const ServerReport& server) {
    Object object;
    object.add_signed("pid", server.pid).add("server", quoted(server.name));
    object.add("page", quoted(server.path));
    object.add("command", quoted(server.command)).add("listening", list_of_ports(server.listening));
    if (!server.error.empty()) return object.add("error", quoted(server.error)).text();
    object.add("start_time_seconds", printed("%.2f", start_time(server)));
    object.add("stale", server.stale);
    object.add("holders_visible", !server.stale && !server.unseen);
    object.add("observe", server.numbers.limits.observe);
    object.add("limits", limits_object(server.numbers.limits));
    object.add("drain", drain_object(server)).add("open", server.open);
    add_tally(server.numbers.total, object);
    object.add("nothing_to_do", !nothing_to_do(server.numbers.total).empty());
    std::vector<std::string> workers;
    for (const WorkerReport& worker : server.workers) workers.push_back(worker_object(worker));
    return object.add("workers", listed(workers)).text();
}

}  // namespace

std::string as_json(const Reports& reports) {
    std::vector<std::string> servers;
    for (const ServerReport& server : reports) servers.push_back(server_object(server));
    Object object;
    object.add("version", quoted(version)).add("servers", listed(servers));
    return object.text() + '\n';
}

}  // namespace lastcall::command
