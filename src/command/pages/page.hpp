// A status page as bytes: whether it is one that this command understands, and its numbers as plain
// ones. Pure; how a page is found and opened is pages.hpp's business.
#pragma once

#include <lastcall/bytes.hpp>
#include <lastcall/status_page.hpp>

#include <array>
#include <string>
#include <vector>

namespace lastcall::command {

inline constexpr std::size_t known_reasons = 20;

struct ByTrigger {
    std::uint64_t requests = 0;
    std::uint64_t age = 0;
    std::uint64_t drain = 0;

    [[nodiscard]] std::uint64_t sum() const { return requests + age + drain; }
};

// What has happened, as status::Counters.
struct Http2Tally {
    std::uint64_t connections = 0;
    ByTrigger told;
    std::uint64_t finished = 0;
    std::uint64_t left = 0;
    std::uint64_t sent_on = 0;
};

// Connections that are over, by their exchanges, as status::length_bounds; the last has no bound.
struct Lengths {
    std::array<std::uint64_t, status::length_bounds.size() + 1> connections{};
    std::uint64_t exchanges = 0;  // of all of them
};

struct Tally {
    std::uint64_t connections = 0;
    std::uint64_t exchanges = 0;
    ByTrigger last;
    std::uint64_t rate_deferred = 0;
    std::uint64_t bytes_discarded = 0;
    std::uint64_t sent_on = 0;
    std::uint64_t unproven = 0;
    std::array<std::uint64_t, 24> opaque{};
    Http2Tally http2;
    Lengths ended;

    [[nodiscard]] std::uint64_t all_opaque() const;
};

struct WorkerTally {
    int pid = 0;  // in its own pid namespace; 0: processes that found no place
    std::uint64_t taken = 0;
    std::int64_t open = 0;
    Tally tally;

    // A count below zero is of a page that was spoiled: it is to hide no other worker's.
    [[nodiscard]] std::uint64_t connections() const {
        return open > 0 ? static_cast<std::uint64_t>(open) : 0;
    }
};

struct Limits {
    std::uint32_t requests = 0;
    std::uint32_t age = 0;
    std::uint32_t jitter = 0;
    std::uint32_t rate = 0;
    std::uint64_t drain_start = 0;
    std::uint32_t drain_ramp = 0;
    bool observe = false;
};

struct PageNumbers {
    int pid = 0;
    std::uint64_t start = 0;
    Limits limits;
    Tally total;  // of all workers there ever were
    std::vector<WorkerTally> workers;
};

// Why this is no page to be read or written; empty: it is one. `page` holds the file's first bytes,
// `file_size` of which there are.
[[nodiscard]] std::string refusal(const status::Page& page, std::uint64_t file_size);

[[nodiscard]] PageNumbers read_numbers(const status::Page& page);

// Is it one that connections are left alone for, and known? Others are told of where they count.
[[nodiscard]] bool is_reason(std::size_t reason);

// The name of an opaque reason, as in JSON and labels, and in words for people.
[[nodiscard]] std::string reason_name(std::size_t reason);
[[nodiscard]] std::string reason_text(std::size_t reason);

}  // namespace lastcall::command
