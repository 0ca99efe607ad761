// lastcall plan: reads the load, prints what follows from it.

#include "balance.hpp"
#include "runs.hpp"
#include "text.hpp"
#include "values.hpp"

#include <cmath>
#include <cstdio>

namespace lastcall::command {
namespace {

double read_number(const Arguments& arguments, const char* option, bool whole) {
    const auto text = arguments.value(option);
    if (!text) throw UsageError(printed("--%s is missing", option));
    const auto number = positive_number(*text);
    const bool fits = number && *number <= 1e12 && (!whole || std::floor(*number) == *number);
    if (!fits) {
        throw UsageError(printed("--%s \"%s\": expected a %s above 0", option,
                                 visible(first(*text, 80)).c_str(),
                                 whole ? "whole number" : "number"));
    }
    return *number;
}

Load read_load(const Arguments& arguments) {
    Load load;
    load.requests_per_second = read_number(arguments, "rps", false);
    load.connections = read_number(arguments, "connections", true);
    if (arguments.has("clients")) load.clients = read_number(arguments, "clients", true);
    if (arguments.has("streams")) load.streams = read_number(arguments, "streams", true);
    if (load.clients > load.connections) {
        throw UsageError(
            "--connections counts those of all clients together, so there are at least "
            "as many as clients");
    }
    const auto settle = arguments.value("settle");
    if (settle) load.settle = read_duration(*settle, "--settle") / 1000.0;
    const auto jitter = arguments.value("jitter");
    if (jitter) {
        Settings settings;
        read_value("LASTCALL_JITTER", *jitter, "--jitter", settings);
        load.jitter = settings.policy.jitter / 100.0;
    }
    return load;
}

// Three significant digits, without an exponent: people read one badly.
std::string rounded(double value) {
    if (value >= 100) return printed("%.0f", value);
    if (value >= 0.001 || value <= 0) return printed("%.3g", value);
    return printed("%.*f", 2 - static_cast<int>(std::floor(std::log10(value))), value);
}

std::string seconds(double value) { return rounded(value) + " s"; }

std::string settle_text(const Load& load) {
    return duration_text(static_cast<std::uint64_t>(std::llround(load.settle * 1000)));
}

std::string percent(double share) { return rounded(share * 100) + "%"; }

std::string row(const std::string& left, const std::string& right) {
    return printed("  %-36s %s\n", left.c_str(), right.c_str());
}

// The better way first. Without a count, since the default one may come before the age.
std::string ways_rows(const Load& load, const Plan& plan) {
    const std::string jitter = " --jitter " + percent(load.jitter);
    const std::string count = "--requests " + std::to_string(plan.requests) + jitter;
    const std::string age = "--requests off --age " + settle_text(load) + jitter;
    if (load.streams == 0) return row("by count", count) + row("or by age", age);
    return row("by age", age) + (plan.by_count ? row("or by count", count) : "");
}

std::string remark(const Load& load, const Plan& plan) {
    if (!plan.settles) {
        return printed(
            "  A connection carries a request every %s only, and is asked to close with a\n"
            "  response: the load settles in that time, not in %s.\n",
            seconds(1 / plan.connection_rate).c_str(), settle_text(load).c_str());
    }
    if (plan.capped) {
        return printed(
            "  No count is higher than that: a connection carries so much that by count the load\n"
            "  settles in %s, not in %s, and costs as much more. Go by age.\n",
            seconds(plan.longest).c_str(), settle_text(load).c_str());
    }
    if (load.streams == 0) return {};
    if (plan.by_count) {
        return "  By count, a client that is busier than others is told to go as much more often.\n"
               "  Streams in flight when it is told come on top of the count.\n";
    }
    return printed(
        "  Not by count: that would be %u, and less than 10 times the streams in flight when a\n"
        "  client is told, which come on top of it.\n",
        plan.requests);
}

std::string limits_rows(const Load& load, const Plan& plan) {
    const std::string said = remark(load, plan);
    return row("on each connection", rounded(plan.connection_rate) + " requests/s") +
           ways_rows(load, plan) + (said.empty() ? "" : '\n' + said + '\n');
}

std::string cost_rows(const Load& load, const Plan& plan) {
    const double per_client = plan.reconnects / load.clients;
    std::string text = row("a connection lasts, on average", seconds(plan.mean));
    text += row("reconnects, all clients", rounded(plan.reconnects) + " a second");
    text += row("reconnects, each client", "one every " + seconds(1 / per_client));
    return text + row("requests that need a new connection", percent(plan.cost));
}

std::string share_rows(const Plan& plan) {
    std::string text = "\n  A new instance's part of its fair share of the connections:\n";
    for (const double part : {0.1, 0.25, 0.5, 0.75, 1.0}) {
        const double time = part * plan.longest;
        text += row("after " + seconds(time),
                    printed("%.0f%%", 100 * renewed(time, plan.longest, plan.jitter)));
    }
    return text;
}

}  // namespace

int run_plan(const Arguments& arguments) {
    if (!arguments.operands().empty()) {
        throw UsageError('"' + visible(arguments.operands()[0]) + "\": expected options only");
    }
    const Load load = read_load(arguments);
    const Plan plan = plan_for(load);
    const std::string text = limits_rows(load, plan) + cost_rows(load, plan) + share_rows(plan);
    std::fputs(text.c_str(), stdout);
    return 0;
}

}  // namespace lastcall::command
