// lastcall check PID: is the library in the process, does it act, and if not, why.

#include "check.hpp"

#include "environment.hpp"
#include "pages/observe.hpp"
#include "processes/identity.hpp"
#include "programs/go_process.hpp"
#include "programs/program.hpp"
#include "text.hpp"
#include "values.hpp"

#include <elf.h>
#include <algorithm>

namespace lastcall::command {

std::optional<std::string> variable(const Environment& environment, const std::string& name) {
    for (const std::string& entry : environment) {
        if (entry.starts_with(name + '=')) return entry.substr(name.size() + 1);
    }
    return {};
}

Findings judge_settings(const Environment& environment) {
    Settings settings;
    for (const Setting& setting : settings_table()) {
        const auto value = variable(environment, setting.variable);
        if (!value) continue;
        if (!setting.read(*value, settings)) {
            return {fails(std::string{setting.variable} + "=\"" + *value +
                          "\" is bad, so it does nothing: expected " + setting.accepted)};
        }
        if (settings.mode == Mode::off) return {fails("it is switched off: LASTCALL=off")};
    }
    return {};
}

Finding page_finding(const ServerReport& report) {
    if (!report.error.empty()) {
        return caution("its status page " + report.path + " cannot be read: " + report.error);
    }
    const PageNumbers& numbers = report.numbers;
    std::string text = numbers.limits.observe ? "observes only: " : "is active: ";
    text += counted(report.open, "connection") + " open, " +
            std::to_string(numbers.total.connections) + " so far";
    const std::uint64_t http2 = numbers.total.http2.connections;
    if (http2 != 0) text += ", " + std::to_string(http2) + " of them HTTP/2 in clear text";
    return good(text);
}

Findings judge_patch(const GoProcess& go, const Environment& environment) {
    switch (go.site) {
        case GoProcess::Site::none: return {};
        case GoProcess::Site::patched: return {good("it is a Go program, patched in memory")};
        case GoProcess::Site::unseen:
            return {
                caution("it is a Go program; whether it is patched cannot be seen: ask as root")};
        case GoProcess::Site::untouched: break;
    }
    if (variable(environment, "LASTCALL_GO") == "off") {
        return {fails("it is a Go program, and following those is switched off: LASTCALL_GO=off")};
    }
    return {fails("it is a Go program and has not been patched: when it started, stderr said why")};
}

Findings judge_absent(int pid, const Environment& environment) {
    Findings findings{fails("the library is not loaded")};
    const auto preload = variable(environment, "LD_PRELOAD");
    const bool asked = preload && preload->find("liblastcall") != std::string::npos;
    if (asked) findings.push_back(fails("although it was started with LD_PRELOAD=" + *preload));
    if (look_at_go(pid).is_static) {
        findings.push_back(
            fails("it is a static Go program, which LD_PRELOAD alone cannot reach: start it by "
                  "`lastcall run`, in a script by `exec lastcall run -- PROGRAM ...`"));
        return findings;
    }
    if (told_by_kernel(pid, AT_SECURE).value_or(0) != 0) {
        findings.push_back(
            fails("it gained rights by its start (setuid, setgid, capabilities, or a security "
                  "module's change of domain), so the loader dropped LD_PRELOAD without a word"));
        return findings;
    }
    // No more of its privileges than that: what it would gain if we started it is another matter.
    const Judged judged = judge_program(proc_path(pid, "exe"));
    for (const Finding& finding : judged.findings) {
        if (finding.extent == Extent::itself) findings.push_back(fails(finding.text));
    }
    if (findings.size() != 1 || !judged.error.empty()) return findings;
    findings.push_back(
        environment.empty() || preload
            ? caution("it would be if it were started by `lastcall run`")
            : caution(
                  "there is no LD_PRELOAD in its environment: `lastcall run` did not start it, or "
                  "what it started (env -i, su -, sudo, a service manager) gave it a new one"));
    return findings;
}

namespace {

constexpr const char* overwritten =
    "its environment cannot be read, as of servers that write their name over it (nginx): that a "
    "setting is bad, or switches it off, is told by its first line on stderr alone";

Findings judge_active(int pid, const Environment& environment) {
    Findings findings = judge_settings(environment);
    if (overall(findings) == Answer::fails) return findings;
    for (Finding& finding : judge_patch(look_at_go(pid), environment)) {
        findings.push_back(std::move(finding));
    }
    if (overall(findings) == Answer::fails) return findings;
    const Reports reports = report_on(pages_of(pid));
    for (const ServerReport& report : reports) {
        findings.push_back(page_finding(report));
        const std::string nothing = nothing_to_do(report.numbers.total);
        if (!nothing.empty()) findings.push_back(caution(nothing));
    }
    if (reports.empty()) {
        findings.push_back(
            caution("the library is loaded; there is no status page (yet), so no more "
                    "is known: pages are made at the first listen, where "
                    "LASTCALL_STATUS names a folder; what it has started is looked at by "
                    "`lastcall check --setup PID`"));
    }
    if (reports.empty() && environment.empty()) findings.push_back(caution(overwritten));
    return findings;
}

}  // namespace

Environment environment_of(int pid) {
    std::optional<std::string> text;
    ask_as_process(pid, [&] { return (text = read_text(proc_path(pid, "environ"))).has_value(); });
    Environment environment = split(text.value_or(""), '\0');
    std::erase(environment, "");
    const auto is_variable = [](const std::string& entry) {
        return entry.find('=') != std::string::npos;
    };
    if (std::none_of(environment.begin(), environment.end(), is_variable)) environment.clear();
    return environment;
}

std::optional<bool> is_loaded(int pid) {
    const auto mapped =
        mapped_files(pid, [](Bytes path) { return base_name(path).starts_with("liblastcall"); });
    if (!mapped) return {};
    return !mapped->empty();
}

int check_process(const std::string& operand) {
    const int pid = read_pid(operand);
    if (!live_process(pid)) throw UsageError(unknown_process(pid));
    const auto loaded = is_loaded(pid);
    if (!loaded) throw Failure(closed_to_us(pid));
    const Environment environment = environment_of(pid);
    const std::string subject = visible(server_name(pid)) + ", process " + operand;
    Findings findings = *loaded ? judge_active(pid, environment) : judge_absent(pid, environment);
    for (const std::string& typo : misspelt(environment)) findings.push_back(caution(typo));
    return tell(subject, findings);
}

}  // namespace lastcall::command
