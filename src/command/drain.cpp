// lastcall drain: has a rising share of the requests picked, and may wait for the connections to
// go.

#include "moment.hpp"
#include "pages/quiet.hpp"
#include "processes/target.hpp"
#include "runs.hpp"
#include "text.hpp"
#include "values.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace lastcall::command {
namespace {

constexpr int failed = 1;
constexpr int still_open = 3;

constexpr std::uint64_t look_every = 200;     // milliseconds
constexpr std::uint64_t search_every = 1000;  // milliseconds

struct Drain {
    std::uint64_t start = 0;  // 0: none, end the one there is
    std::uint32_t ramp = 0;
};

// The start is written last: with it the ramp counts. In between there is no drain. Nor is there
// one where nothing is closed: it would lie in wait for the end of observation.
void write(status::Control& control, const Drain& drain) {
    control.drain_start.store(0, std::memory_order_release);
    if (drain.start == 0 || control.observe.load() != 0) return;
    control.drain_ramp.store(drain.ramp, std::memory_order_release);
    control.drain_start.store(drain.start, std::memory_order_release);
}

// asked: whether there is to be a drain; before: whether there was one.
std::string confirmed(const status::Control& control, bool asked, bool before) {
    const bool drains = control.drain_start.load() != 0;
    if (!drains && asked && control.observe.load() != 0)
        return "observes only, so nothing is closed";
    if (!drains) return before ? "the drain is ended" : "there was no drain";
    const std::uint32_t ramp = control.drain_ramp.load();
    return ramp == 0 ? "drains at once" : "drains over " + duration_text(ramp);
}

enum class Steered : std::uint8_t { refused, observes, drains };

// What comes of it, and said.
Steered steer(const FoundPage& page, const Drain& drain) {
    std::string told;
    bool observes = false;
    const std::string error = with_control(page, [&](status::Control& control) {
        const bool before = control.drain_start.load() != 0;
        write(control, drain);
        told = confirmed(control, drain.start != 0, before);
        observes = control.observe.load() != 0;
    });
    if (!error.empty()) {
        std::fprintf(stderr, "lastcall drain: %s: %s\n", visible(page.path).c_str(), error.c_str());
        return Steered::refused;
    }
    const int holder = page.holders[0].process.pid;
    std::printf("%s, process %d: %s\n", visible(server_name(holder)).c_str(), holder, told.c_str());
    std::fflush(stdout);
    return observes ? Steered::observes : Steered::drains;
}

bool is_quiet(const Watched::Look& look) { return look.open == 0 && look.unreadable.empty(); }

// Clients that have been told to close are back in a moment, as long as they are sent here: a look
// may fall into the gap. Without a server there is nothing to come back to.
bool stays_quiet(const Watched::Look& before, const Watched::Look& look) {
    return is_quiet(look) && (look.gone || (is_quiet(before) && look.so_far == before.so_far));
}

// Quiet is only what a look right behind a search says: a worker that came meanwhile may have
// connections, and a page of its own, which is to drain as well.
Watched::Look watch(Watched& watched, const Drain& drain, std::uint64_t end) {
    std::uint64_t search_at = now() + search_every;
    Watched::Look before{.open = 1};
    for (;;) {
        Watched::Look look = watched.look();
        if (is_quiet(look) || now() >= search_at) {
            for (const FoundPage& added : watched.search()) steer(added, drain);
            look = watched.look();
            search_at = now() + search_every;
        }
        if (stays_quiet(before, look) || now() >= end) return look;
        before = std::move(look);
        wait_until(std::min(now() + look_every, end));
    }
}

// The exit status.
int tell_end(const Watched::Look& look) {
    if (!look.unreadable.empty()) {
        std::fprintf(stderr, "lastcall drain: it is not known whether connections are open: %s\n",
                     visible(look.unreadable).c_str());
        return failed;
    }
    const std::string left =
        look.open == 0 ? "no connection is" : counted(look.open, "connection") + " still";
    std::printf("%s%s open\n", look.gone ? "the server is gone, " : "", left.c_str());
    return look.open == 0 ? 0 : still_open;
}

std::uint32_t ramp_of(const Arguments& arguments) {
    const auto over = arguments.value("over");
    if (arguments.has("cancel") && (over || arguments.has("wait"))) {
        throw UsageError("--cancel goes with neither --over nor --wait");
    }
    if (arguments.has("wait") && !over && !arguments.has("within")) {
        throw UsageError("--wait needs --over D or --within E, which is how long it waits at most");
    }
    return over ? read_duration(*over, "--over") : 0;
}

// How long --wait waits at most: behind the ramp, each connection still has to bring its last one.
std::uint32_t patience_of(const Arguments& arguments, std::uint32_t ramp) {
    const auto within = arguments.value("within");
    if (!within) return ramp;
    if (!arguments.has("wait")) throw UsageError("--within goes with --wait");
    const std::uint32_t patience = read_duration(*within, "--within");
    if (patience < ramp) throw UsageError("--within is not to be shorter than --over");
    return patience;
}

}  // namespace

int run_drain(const Arguments& arguments) {
    const std::uint32_t ramp = ramp_of(arguments);
    const std::uint32_t patience = patience_of(arguments, ramp);
    const auto operands = arguments.operands();
    if (operands.size() != 1) throw UsageError("expected one PID, NAME or :PORT");
    const Drain drain{arguments.has("cancel") ? 0 : now(), ramp};
    Target target = steerable(operands[0], arguments.has("all"));
    std::size_t failures = 0;
    std::size_t draining = 0;
    for (const FoundPage& page : target.pages) {
        const Steered steered = steer(page, drain);
        failures += steered == Steered::refused ? 1 : 0;
        draining += steered == Steered::drains ? 1 : 0;
    }
    if (!target.left_alone.empty()) {
        std::fprintf(stderr, "lastcall drain: %s\n", target.left_alone.c_str());
    }
    int status = failures == 0 ? 0 : failed;
    // Those that do drain are given their time, whatever became of the others.
    if (arguments.has("wait") && draining != 0) {
        Watched watched{std::move(target.roots), target.reach, std::move(target.pages)};
        const int end = tell_end(watch(watched, drain, drain.start + patience));
        status = status == failed ? failed : end;
    }
    return status;
}

}  // namespace lastcall::command
