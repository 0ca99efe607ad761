// The report in the Prometheus text exposition format 0.0.4: a HELP and a TYPE line for each
// metric, then its samples; base units; each set of labels once.

#include "../text.hpp"
#include "../values.hpp"
#include "../version.hpp"
#include "report.hpp"

#include <charconv>
#include <set>

namespace lastcall::command {
namespace {

struct Sample {
    std::string labels;  // beside pid and server
    double value;
    const char* suffix = "";  // of a histogram's parts
};
using Samples = std::vector<Sample>;

struct Metric {
    const char* name;
    const char* type;
    const char* help;
    Samples (*of)(const ServerReport& server);
};

double number(std::uint64_t count) { return static_cast<double>(count); }

Samples one(std::uint64_t count) { return {{"", number(count)}}; }

const Tally& total(const ServerReport& server) { return server.numbers.total; }
const Limits& limits(const ServerReport& server) { return server.numbers.limits; }

const Http2Tally& http2(const ServerReport& server) { return total(server).http2; }

Samples by_trigger(const ByTrigger& counts) {
    return {{",trigger=\"requests\"", number(counts.requests)},
            {",trigger=\"age\"", number(counts.age)},
            {",trigger=\"drain\"", number(counts.drain)}};
}

// Of a histogram each bucket holds those of the smaller ones as well.
Samples lengths(const Lengths& ended) {
    Samples samples;
    std::uint64_t so_far = 0;
    for (std::size_t i = 0; i < ended.connections.size(); ++i) {
        const bool bounded = i < status::length_bounds.size();
        const std::string bound = bounded ? std::to_string(status::length_bounds[i]) : "+Inf";
        so_far += ended.connections[i];
        samples.push_back({",le=\"" + bound + '"', number(so_far), "_bucket"});
    }
    samples.push_back({"", number(ended.exchanges), "_sum"});
    samples.push_back({"", number(so_far), "_count"});
    return samples;
}

Samples opaque(const ServerReport& server) {
    Samples samples;
    const Tally& tally = total(server);
    for (std::size_t reason = 1; reason < tally.opaque.size(); ++reason) {
        if (tally.opaque[reason] == 0 && !is_reason(reason)) continue;
        samples.push_back({",reason=\"" + reason_name(reason) + '"', number(tally.opaque[reason])});
    }
    return samples;
}

constexpr std::array metrics{
    Metric{"lastcall_server_info", "gauge",
           "1; what the server is, by the ports that it listens on, as far as they are to be seen.",
           [](const ServerReport& s) {
               const std::string ports = ports_text(s.listening);
               return s.unseen ? Samples{} : Samples{{",listening=\"" + ports + '"', 1}};
           }},
    Metric{"lastcall_start_time_seconds", "gauge",
           "When the server's process was started, in seconds of Unix time.",
           [](const ServerReport& s) {
               const double start = start_time(s);
               return start > 0 ? Samples{{"", start}} : Samples{};
           }},
    Metric{"lastcall_connections_total", "counter", "Connections accepted or adopted.",
           [](const ServerReport& s) { return one(total(s).connections); }},
    Metric{"lastcall_connections_open", "gauge", "Connections followed now.",
           [](const ServerReport& s) { return one(s.open); }},
    Metric{"lastcall_exchanges_total", "counter",
           "Requests followed with their responses, in HTTP/2 streams that clients opened; added "
           "up to 64 at a time.",
           [](const ServerReport& s) { return one(total(s).exchanges); }},
    Metric{"lastcall_connection_exchanges", "histogram",
           "Exchanges that connections had when they were over.",
           [](const ServerReport& s) { return lengths(total(s).ended); }},
    Metric{"lastcall_last_exchanges_total", "counter",
           "Exchanges that were the last of their connection, in HTTP/2 those at which the client "
           "is told to go, by trigger.",
           [](const ServerReport& s) { return by_trigger(total(s).last); }},
    Metric{"lastcall_rate_deferred_total", "counter",
           "Times that the rate budget put a last exchange off.",
           [](const ServerReport& s) { return one(total(s).rate_deferred); }},
    Metric{"lastcall_http2_connections_total", "counter", "Connections that speak HTTP/2.",
           [](const ServerReport& s) { return one(http2(s).connections); }},
    Metric{"lastcall_http2_told_total", "counter",
           "HTTP/2 connections whose client was told to go by GOAWAY, by trigger.",
           [](const ServerReport& s) { return by_trigger(http2(s).told); }},
    Metric{"lastcall_http2_left_total", "counter",
           "HTTP/2 connections told to go and then closed by the client.",
           [](const ServerReport& s) { return one(http2(s).left); }},
    Metric{"lastcall_http2_finished_total", "counter",
           "HTTP/2 connections told to go and then ended when no stream had been open for 1 s.",
           [](const ServerReport& s) { return one(http2(s).finished); }},
    Metric{"lastcall_http2_sent_on_total", "counter",
           "HTTP/2 connections told to go whose client opened streams more than 1 s later.",
           [](const ServerReport& s) { return one(http2(s).sent_on); }},
    Metric{"lastcall_opaque_connections_total", "counter",
           "Connections that are left alone, by reason.", opaque},
    Metric{"lastcall_discarded_bytes_total", "counter",
           "Bytes that clients sent behind a last request, never delivered.",
           [](const ServerReport& s) { return one(total(s).bytes_discarded); }},
    Metric{"lastcall_sent_on_connections_total", "counter",
           "Connections whose client sent on behind a last request.",
           [](const ServerReport& s) { return one(total(s).sent_on); }},
    Metric{"lastcall_unproven_edits_total", "counter",
           "Edits made and GOAWAYs sent although the kernel keeps no byte counts to prove them by.",
           [](const ServerReport& s) { return one(total(s).unproven); }},
    Metric{"lastcall_workers", "gauge", "Live processes that have counted.",
           [](const ServerReport& s) { return s.unseen ? Samples{} : one(s.workers.size()); }},
    Metric{"lastcall_limit_requests", "gauge",
           "The exchange of a connection that is its last; 0 is no limit.",
           [](const ServerReport& s) { return one(limits(s).requests); }},
    Metric{"lastcall_limit_age_seconds", "gauge",
           "Age of a connection from which its next exchange is the last; 0 is no limit.",
           [](const ServerReport& s) {
               return Samples{{"", limits(s).age / 1000.0}};
           }},
    Metric{"lastcall_jitter_ratio", "gauge", "How far below the limits a connection's may lie.",
           [](const ServerReport& s) {
               return Samples{{"", limits(s).jitter / 100.0}};
           }},
    Metric{"lastcall_limit_rate", "gauge",
           "Last exchanges per second and process at most; 0 is no limit.",
           [](const ServerReport& s) { return one(limits(s).rate); }},
    Metric{"lastcall_drain_picked_ratio", "gauge", "Share of the requests that a drain picks now.",
           [](const ServerReport& s) {
               return Samples{{"", s.drained / 100.0}};
           }},
    Metric{"lastcall_observing", "gauge", "1 if it only counts what it would close.",
           [](const ServerReport& s) { return one(limits(s).observe ? 1 : 0); }},
};

// As few digits as read back to the same number: 0.1, 5.
std::string shortest(double value) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return {digits.data(), end};
}

// Backslash, quote and newline are escaped; what is not ASCII would have to be UTF-8.
std::string label(Bytes text) {
    std::string result;
    for (const char c : visible(text)) {
        if (c == '"' || c == '\\') result += '\\';
        result += static_cast<unsigned char>(c) < 0x80 ? c : '?';
    }
    return result;
}

}  // namespace

std::string as_prometheus(const Reports& reports) {
    std::vector<std::pair<std::string, const ServerReport*>> servers;
    std::set<std::string> seen;
    for (const ServerReport& server : reports) {
        if (!server.error.empty() || server.stale) continue;
        // Of who cannot be seen, the pid is as it sees itself; the page's name tells it apart.
        const int pid = server.unseen ? server.numbers.pid : server.pid;
        const std::string labels = printed("pid=\"%d\",server=\"", pid) + label(server.name) + '"';
        if (seen.insert(labels).second) servers.emplace_back(labels, &server);
    }
    // Of the command: what a server has loaded may be another build.
    std::string text = printed(
        "# HELP lastcall_build_info The version of the lastcall command.\n"
        "# TYPE lastcall_build_info gauge\n"
        "lastcall_build_info{version=\"%s\"} 1\n",
        version);
    for (const Metric& metric : metrics) {
        std::string samples;
        for (const auto& [labels, server] : servers) {
            for (const Sample& sample : metric.of(*server)) {
                samples += printed("%s%s{%s%s} %s\n", metric.name, sample.suffix, labels.c_str(),
                                   sample.labels.c_str(), shortest(sample.value).c_str());
            }
        }
        if (samples.empty()) continue;
        text += printed("# HELP %s %s\n# TYPE %s %s\n", metric.name, metric.help, metric.name,
                        metric.type);
        text += samples;
    }
    return text;
}

}  // namespace lastcall::command
