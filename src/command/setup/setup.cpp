// Each point is one line; what is not known is said to be so, as a caution. The anchors are
// promises: docs/troubleshooting.md has a heading for each.

#include "setup.hpp"

#include "../text.hpp"
#include "../values.hpp"

#include <algorithm>

namespace lastcall::command {
namespace {

Point ok(std::string text) { return {Answer::works, std::move(text)}; }

Point doubt(std::string text, std::string hint, const char* anchor) {
    return {Answer::caution, std::move(text), std::move(hint), anchor};
}

Point failed(std::string text, std::string hint, const char* anchor) {
    return {Answer::fails, std::move(text), std::move(hint), anchor};
}

std::string called(const ServerFacts& server) {
    std::string text = server.name + ", process " + std::to_string(server.pid);
    const char* separator = server.ports.size() == 1 ? ", port " : ", ports ";
    for (const unsigned port : server.ports) {
        text += separator + std::to_string(port);
        separator = ", ";
    }
    return text;
}

// The findings as one sentence: the worst first, which is why.
std::string reasons(const Findings& findings) {
    std::string text;
    for (const Finding& finding : findings) text += (text.empty() ? "" : "; ") + finding.text;
    return text;
}

Points judge_acting(const ServerFacts& server, const std::string& who) {
    Points points;
    for (const std::string& typo : server.typos) {
        points.push_back(
            doubt(who + ": " + typo, "the library reads names that it knows alone", "settings"));
    }
    if (overall(server.settings) == Answer::fails) {
        points.push_back(failed(who + ": " + reasons(server.settings),
                                "mend the variable and start the server again", "settings"));
    } else if (overall(server.patch) == Answer::fails) {
        points.push_back(failed(who + ": " + reasons(server.patch),
                                "read what it wrote to stderr when it started; docs/go.md",
                                "go-programs"));
    } else if (!server.told && server.pages.empty()) {
        points.push_back(
            doubt(who + ": the library is loaded; whether a setting keeps it from acting cannot "
                        "be read, since it has written over its environment",
                  "read its first line on stderr: a bad setting is told there", "settings"));
    } else {
        points.push_back(ok(who + ": the library is loaded, and no setting keeps it from acting"));
    }
    return points;
}

Point judge_page(const PageFacts& page, const std::string& who) {
    if (!page.report.error.empty()) {
        return failed(
            who + ": its status page " + page.report.path + " cannot be read: " + page.report.error,
            "ask as the server's user, or with a command of the server's version", "status-page");
    }
    if (!page.refusal.empty()) {
        return failed(
            who + ": its status page " + page.report.path +
                " may not be written, so it cannot be drained: " + page.refusal,
            "ask, and drain, as the server's user or as root; or set LASTCALL_STATUS_MODE",
            "page-rights");
    }
    if (page.report.numbers.limits.observe) {
        return doubt(who + ": observes only, so nothing is closed and nothing drained",
                     "once content with what it counts: `lastcall set PID observe=off`", "observe");
    }
    return ok(who + ": " + page.activity.text + "; its page may be written");
}

Points judge_pages(const ServerFacts& server, const std::string& who) {
    if (server.pages.empty()) {
        return {failed(who + ": it has no status page, so neither drain nor status reaches it" +
                           (server.folder_error.empty() ? "" : ": " + server.folder_error),
                       "have LASTCALL_STATUS name a folder that it may write to, before it starts",
                       "status-page")};
    }
    Points points;
    for (const PageFacts& page : server.pages) {
        points.push_back(judge_page(page, who));
        if (!page.report.error.empty()) continue;
        Points traffic = judge_traffic(who, page.report.numbers.total);
        points.insert(points.end(), traffic.begin(), traffic.end());
    }
    return points;
}

std::size_t count_pages(const SetupFacts& facts, bool in_reach) {
    std::size_t count = 0;
    for (const ServerFacts& server : facts.servers) {
        for (const PageFacts& page : server.pages) {
            const bool works = page.report.error.empty() && page.refusal.empty();
            count += works && page.in_reach == in_reach ? 1 : 0;
        }
    }
    return count;
}

std::string listed_names(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : "; ") + name;
    return text;
}

}  // namespace

Point judge_library(const LibraryFacts& library) {
    if (library.path.empty()) {
        return failed(library.preloads.empty()
                          ? std::string{"LD_PRELOAD is in no environment here"}
                          : "LD_PRELOAD=" + library.preloads + " names no liblastcall",
                      "set LD_PRELOAD for the server's container or service, or start it by "
                      "`lastcall run`",
                      "not-preloaded");
    }
    if (!library.error.empty()) {
        return failed("LD_PRELOAD names " + library.path + ": " + library.error,
                      "have `lastcall install` put it there before the server starts, for this "
                      "machine and readable by all",
                      "library-missing");
    }
    return ok("the library is where LD_PRELOAD says: " + library.path + "; this command is " +
              library.command);
}

Points judge_server(const ServerFacts& server) {
    const std::string who = called(server);
    if (!server.closed.empty()) {
        return {doubt(who + ": " + server.closed, "ask as the server's user, or with that right",
                      "sys-ptrace")};
    }
    if (!server.loaded) {
        return {failed(who + ": " + reasons(server.absent),
                       "give it LD_PRELOAD where it starts, behind all that wipes the environment",
                       "not-preloaded")};
    }
    Points points = judge_acting(server, who);
    if (overall(server.settings) == Answer::fails || overall(server.patch) == Answer::fails) {
        return points;
    }
    for (Point& point : judge_pages(server, who)) points.push_back(std::move(point));
    return points;
}

Points judge_traffic(const std::string& server, const Tally& total) {
    const std::uint64_t tls = total.opaque[static_cast<std::size_t>(Opaque::tls)];
    const std::uint64_t upgraded = total.opaque[static_cast<std::size_t>(Opaque::upgrade)];
    const std::uint64_t others = total.all_opaque() - tls - upgraded;
    const std::string of_all = " of " + counted(total.connections, "connection");
    const std::string hint = "`lastcall status` tells the reasons";
    Points points;
    if (tls != 0) {
        points.push_back(
            doubt(server + ": " + std::to_string(tls) + of_all + " spoke TLS, which is left alone",
                  "end TLS in front of the server, or use its own limit", "tls"));
    }
    if (others != 0) {
        points.push_back(doubt(server + ": " + std::to_string(others) + of_all +
                                   " were left alone, since their bytes were not understood",
                               hint, "opaque"));
    }
    if (total.http2.connections != 0) {
        points.push_back(ok(server + ": " + std::to_string(total.http2.connections) + of_all +
                            " speak HTTP/2, and are told to go by GOAWAY"));
    }
    return points;
}

Points judge_drain(const SetupFacts& facts) {
    const std::string process = "process " + std::to_string(facts.pid) + " (" + facts.name + ")";
    const std::string drain = "`lastcall drain " + std::to_string(facts.pid) + "`";
    if (facts.servers.empty() && !facts.closed.empty()) {
        return {doubt("which servers are below " + process + " cannot be seen: " + facts.closed,
                      "ask as the server's user, or with that right", "sys-ptrace")};
    }
    if (facts.servers.empty()) {
        const std::string strays =
            facts.strays.empty() ? "" : ", which is no ancestor of " + listed_names(facts.strays);
        return {failed("no server was found below " + process + strays,
                       facts.strays.empty()
                           ? "ask when the server listens, by the PID of what starts it"
                           : "a hook that drains it reaches none: turn shareProcessNamespace off, "
                             "or have the hook name the server's own process",
                       facts.strays.empty() ? "no-server" : "hook-misses")};
    }
    const std::size_t reached = count_pages(facts, true);
    const std::size_t beyond = count_pages(facts, false);
    Points points;
    if (beyond != 0) {
        points.push_back(doubt(drain + " leaves " + counted(beyond, "server") +
                                   " alone, in containers below " + process,
                               "ask in the container, or by a PID of its own", "hook-misses"));
    }
    if (reached == 0) {
        points.push_back(
            failed(drain + " would reach no server", "see what failed above", "hook-misses"));
    } else {
        points.push_back(ok(drain + " would reach " + counted(reached, "server")));
    }
    return points;
}

Point judge_stop(const StopFacts& stop) {
    constexpr const char* anchor = "grace-period";
    constexpr std::uint32_t own_end = 5000;  // from SIGTERM to the end of a server that is drained
    if (!stop.grace || !stop.within) {
        return doubt(
            "whether a stop has the time to drain is not known: that cannot be seen from here",
            "give --grace (terminationGracePeriodSeconds, TimeoutStopSec) and --within (the "
            "hook's)",
            anchor);
    }
    const std::string times = "a drain of up to " + duration_text(*stop.within) + " in a stop of " +
                              duration_text(*stop.grace);
    if (*stop.grace <= *stop.within) {
        return failed(times + ": the server is killed in it",
                      "let the stop be longer than --within of the drain", anchor);
    }
    if (*stop.grace - *stop.within < own_end) {
        return doubt(times + " leaves the server less than 5s for its own end",
                     "let the stop be longer", anchor);
    }
    return ok(times + " leaves " + duration_text(*stop.grace - *stop.within) +
              " for the server's own end");
}

namespace {

// Servers that write their name over their environment, as nginx does, have no LD_PRELOAD any more.
Point judge_presence(const SetupFacts& facts) {
    const bool loaded = std::any_of(
        facts.servers.begin(), facts.servers.end(),
        [](const ServerFacts& server) { return server.loaded && server.closed.empty(); });
    if (facts.library.path.empty() && loaded) {
        return ok(
            "the library is loaded, by an LD_PRELOAD that is not to be seen any more; this "
            "command is " +
            facts.library.command);
    }
    if (facts.library.path.empty() && !facts.closed.empty()) {
        return doubt("whether LD_PRELOAD names the library cannot be seen: " + facts.closed,
                     "ask as the server's user, or with that right", "sys-ptrace");
    }
    return judge_library(facts.library);
}

}  // namespace

Points judge_setup(const SetupFacts& facts) {
    Points points{judge_presence(facts)};
    const auto add = [&](Points more) {
        for (Point& point : more) points.push_back(std::move(point));
    };
    for (const ServerFacts& server : facts.servers) add(judge_server(server));
    add(judge_drain(facts));
    add({judge_stop(facts.stop)});
    if (!facts.ports_elsewhere.empty()) {
        std::string ports;
        for (const unsigned port : facts.ports_elsewhere) ports += ' ' + std::to_string(port);
        points.push_back(
            ok("not looked at, since it cannot be seen from here, as in another "
               "container of the pod: who listens on" +
               ports));
    }
    return points;
}

}  // namespace lastcall::command
