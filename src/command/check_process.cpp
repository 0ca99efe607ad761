// lastcall check PID: is the library in the process, does it act, and if not, why.

#include "check.hpp"

#include "go_process.hpp"
#include "observe.hpp"
#include "program.hpp"
#include "text.hpp"
#include "values.hpp"

namespace lastcall::command {
namespace {

using Environment = std::vector<std::string>;

// What it was started with, if it has not been overwritten since; nginx does so.
std::optional<std::string> variable(const Environment& environment, const std::string& name) {
    for (const std::string& entry : environment) {
        if (entry.starts_with(name + '=')) return entry.substr(name.size() + 1);
    }
    return {};
}

// Why a mapped library would not act, as far as the environment tells.
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

// Of a Go program, being mapped is not enough.
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
                    "LASTCALL_STATUS names a folder"));
    }
    return findings;
}

// Without the library: whether it could have been there.
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
    const Judged judged = judge_program(proc_path(pid, "exe"));
    for (const Finding& finding : judged.findings) {
        if (finding.answer == Answer::fails) findings.push_back(finding);
    }
    if (findings.size() == 1 && judged.error.empty()) {
        findings.push_back(caution("it would be if it were started by `lastcall run`"));
    }
    return findings;
}

}  // namespace

int check_process(const std::string& operand) {
    const int pid = read_pid(operand);
    if (!live_process(pid)) throw UsageError("there is no process " + operand);
    const auto mapped =
        mapped_files(pid, [](Bytes path) { return base_name(path).starts_with("liblastcall"); });
    if (!mapped) throw Failure("process " + operand + " belongs to another user: ask as root");
    const std::string text = read_text(proc_path(pid, "environ")).value_or("");
    const Environment environment = split(text, '\0');
    const std::string subject = visible(server_name(pid)) + ", process " + operand;
    return tell(subject,
                mapped->empty() ? judge_absent(pid, environment) : judge_active(pid, environment));
}

}  // namespace lastcall::command
