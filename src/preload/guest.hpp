// The library as a whole in this process: is it active, with which settings, and the one line it
// may ever print.
#pragma once

#include "status.hpp"

#include <lastcall/bytes.hpp>

#include <atomic>
#include <optional>

namespace lastcall::guest {

// Reads the settings and takes up what the process was born with; before main, and once.
void begin();

// Settled by then; until then, inactive. Inactive means that no connection is ever born, and so
// every call is forwarded.
[[nodiscard]] bool active();
[[nodiscard]] const Settings& settings();
// Is there a line that will be said when the process turns out to be a server?
[[nodiscard]] bool has_something_to_say();
// Of what makes it run without the guest, before main.
void say_at_once(Bytes text);

// The coarse monotonic clock.
[[nodiscard]] Moment now();

// The terms that nothing can change, if that is so: no page, and no limit that looks at the time.
[[gnu::visibility("hidden")]] extern constinit std::atomic<const Terms*> fixed_terms;
[[nodiscard]] Terms changing_terms();

// Exchanges before this one cannot be the last, whatever else is so.
[[nodiscard]] inline std::uint32_t first_due() {
    const Terms* const fixed = fixed_terms.load(std::memory_order_relaxed);
    if (fixed != nullptr) [[likely]]
        return fixed->first_due;
    const status::Page* const page = status::current();
    return page != nullptr ? status::first_due(*page) : 0;
}

// Under what a read is judged now. room: where to put them, if they can change.
[[nodiscard]] inline const Terms& terms(std::optional<Terms>& room) {
    const Terms* const fixed = fixed_terms.load(std::memory_order_relaxed);
    if (fixed != nullptr) [[likely]]
        return *fixed;
    return room.emplace(changing_terms());
}
// A last exchange that was granted is put off.
void give_back_grant();
// What a connection born now brings to that judgement. cookie: its own, as a source of chance.
[[nodiscard]] Standing newborn(std::uint64_t cookie);

// The process turns out to be a server, since it listens, accepts or is passed a connection: makes
// the status page, and says what is wrong with a setting, once.
void becomes_server();

}  // namespace lastcall::guest
