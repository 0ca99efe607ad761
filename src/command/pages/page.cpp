// Counters are added up with wrap-around: a corrupted page shows odd numbers and no more.

#include "page.hpp"

#include "../text.hpp"

#include <algorithm>
#include <numeric>

namespace lastcall::command {
namespace {

struct Reason {
    const char* name;
    const char* text;
};

constexpr std::array<Reason, known_reasons> reasons{{
    {"no", "followed"},
    {"tls", "TLS, ended by the server itself"},
    {"http2", "HTTP/2, followed"},
    {"not_http", "neither HTTP/1 nor HTTP/2"},
    {"malformed_head", "a malformed head"},
    {"ambiguous_length", "an ambiguous message length"},
    {"unknown_coding", "an unknown transfer coding"},
    {"malformed_body", "a malformed chunked body"},
    {"upgrade", "an upgrade (101)"},
    {"tunnel", "a tunnel (CONNECT)"},
    {"unsolicited", "a response without a request"},
    {"too_many", "too many requests outstanding"},
    {"overlap", "two threads in one direction"},
    {"unproven", "the kernel counted other bytes"},
    {"another_socket", "the descriptor became another socket"},
    {"special_call", "a call that cannot be followed"},
    {"unseen_bytes", "sendfile or splice where a head or a frame was due"},
    {"stdio", "the server uses stdio on the socket"},
    {"no_memory", "no memory for what had to be remembered"},
    {"malformed_frames", "HTTP/2 frames that make no sense"},
}};
static_assert(static_cast<std::size_t>(Opaque::malformed_frames) + 1 == known_reasons);

std::uint64_t now(const status::Count& count) { return count.load(std::memory_order_relaxed); }
std::uint32_t now(const status::Word& word) { return word.load(std::memory_order_relaxed); }

void add(const status::Counters& counters, Http2Tally& tally) {
    tally.connections += now(counters.http2_connections);
    tally.told.requests += now(counters.http2_told_requests);
    tally.told.age += now(counters.http2_told_age);
    tally.told.drain += now(counters.http2_told_drain);
    tally.finished += now(counters.http2_finished);
    tally.left += now(counters.http2_left);
    tally.sent_on += now(counters.http2_sent_on);
}

void add(const status::Counters& counters, Lengths& ended) {
    for (std::size_t i = 0; i < ended.connections.size(); ++i) {
        ended.connections[i] += now(counters.ended[i]);
    }
    ended.exchanges += now(counters.ended_exchanges);
}

void add(const status::Counters& counters, Tally& tally) {
    tally.connections += now(counters.connections);
    tally.exchanges += now(counters.exchanges);
    tally.last.requests += now(counters.last_requests);
    tally.last.age += now(counters.last_age);
    tally.last.drain += now(counters.last_drain);
    tally.rate_deferred += now(counters.rate_deferred);
    tally.bytes_discarded += now(counters.bytes_discarded);
    tally.sent_on += now(counters.sent_on);
    tally.unproven += now(counters.unproven);
    for (std::size_t i = 0; i < tally.opaque.size(); ++i)
        tally.opaque[i] += now(counters.opaque[i]);
    add(counters, tally.http2);
    add(counters, tally.ended);
}

Limits read_limits(const status::Control& control) {
    Limits limits;
    limits.requests = now(control.requests);
    limits.age = now(control.age);
    limits.jitter = now(control.jitter);
    limits.rate = now(control.rate);
    limits.drain_start = now(control.drain_start);
    limits.drain_ramp = now(control.drain_ramp);
    limits.observe = now(control.observe) != 0;
    return limits;
}

}  // namespace

std::uint64_t Tally::all_opaque() const {
    return std::accumulate(opaque.begin() + 1, opaque.end(), std::uint64_t{0});
}

std::string refusal(const status::Page& page, std::uint64_t file_size) {
    constexpr std::size_t through_size = offsetof(status::Page, size) + sizeof(page.size);
    if (file_size < through_size || page.magic != status::magic) return "it is not a status page";
    if (page.version != status::version) {
        return printed("it has version %u of the layout, this lastcall knows version %u",
                       page.version, status::version);
    }
    if (page.size != sizeof(status::Page)) {
        return printed("it says that it has %u bytes, version %u has %zu", page.size,
                       status::version, sizeof(status::Page));
    }
    if (file_size < sizeof(status::Page)) {
        return printed("it is cut off: %llu bytes of %zu",
                       static_cast<unsigned long long>(file_size), sizeof(status::Page));
    }
    if (page.worker_count > page.workers.size()) {
        return printed("it says that it has %u workers, there is room for %zu", page.worker_count,
                       page.workers.size());
    }
    if (page.ready.load(std::memory_order_acquire) != 1) return "it is not filled in yet";
    return {};
}

PageNumbers read_numbers(const status::Page& page) {
    PageNumbers numbers;
    numbers.pid = page.pid;
    numbers.start = page.start;
    numbers.limits = read_limits(page.control);
    for (const status::Worker& worker : page.workers) {
        WorkerTally one;
        one.pid = worker.pid.load(std::memory_order_relaxed);
        one.taken = now(worker.taken);
        one.open = worker.open.load(std::memory_order_relaxed);
        add(worker.counters, one.tally);
        add(worker.counters, numbers.total);
        if (one.pid != 0 || one.tally.connections != 0) numbers.workers.push_back(one);
    }
    return numbers;
}

bool is_reason(std::size_t reason) {
    const auto opaque = static_cast<Opaque>(reason);
    return reason < reasons.size() && opaque != Opaque::no && opaque != Opaque::http2;
}

std::string reason_name(std::size_t reason) {
    return reason < reasons.size() ? reasons[reason].name : "reason_" + std::to_string(reason);
}

std::string reason_text(std::size_t reason) {
    return reason < reasons.size()
               ? reasons[reason].text
               : "a reason newer than this lastcall, number " + std::to_string(reason);
}

}  // namespace lastcall::command
