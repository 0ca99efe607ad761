// The status page, seen from the server: made once, counted into, and its limits obeyed. Without a
// page every function here is a load and a branch.
#pragma once

#include <lastcall/choice.hpp>
#include <lastcall/settings.hpp>
#include <lastcall/status_page.hpp>

namespace lastcall::status {

[[gnu::visibility("hidden")]] extern constinit std::atomic<Page*> page;

[[nodiscard]] inline Page* current() { return page.load(std::memory_order_acquire); }

// Makes the page in the directory that the settings name. False, with errno, if that cannot be.
[[nodiscard]] bool make(const Settings& settings);

// The limits in force, as last changed.
[[nodiscard]] Policy policy(const Page& page);
// Observed connections are followed as all are: they may be closed from one request to the next.
[[nodiscard]] inline bool observes(const Page& mapped) {
    return mapped.control.observe.load(std::memory_order_relaxed) != 0;
}

// The first exchange that may be due under them. Only a plain count is looked at here.
[[nodiscard]] std::uint32_t first_due_in_detail(const Page& mapped);
[[nodiscard]] inline std::uint32_t first_due(const Page& mapped) {
    const Control& control = mapped.control;
    const auto read = [](const Word& word) { return word.load(std::memory_order_relaxed); };
    const std::uint32_t requests = read(control.requests);
    const bool only_count = (read(control.age) | read(control.jitter)) == 0 && requests != 0 &&
                            control.drain_start.load(std::memory_order_relaxed) == 0;
    return only_count ? requests : first_due_in_detail(mapped);
}

// This process's place among the workers, taken if it has none. Its number, from 1.
[[nodiscard]] std::uint32_t own_place(Page& page);
[[nodiscard]] Worker& own(Page& page);

inline void add(Count Counters::*counter, std::uint64_t count) {
    if (Page* const mapped = current(); mapped != nullptr) [[unlikely]] {
        (own(*mapped).counters.*counter).fetch_add(count, std::memory_order_relaxed);
    }
}
void add(Opaque reason);
// A connection is over.
void add_ended(std::uint64_t exchanges);
void add(const Picked& picked);
// One that was added has been put off.
void take_back(Trigger trigger);

}  // namespace lastcall::status
