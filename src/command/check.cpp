// lastcall check PROGRAM: prints the verdict and what it rests on.

#include "check.hpp"

#include "files.hpp"
#include "processes/target.hpp"
#include "programs/program.hpp"
#include "programs/script.hpp"
#include "runs.hpp"
#include "text.hpp"

#include <cstdio>

namespace lastcall::command {
namespace {

const char* verdict_text(Answer answer) {
    switch (answer) {
        case Answer::works: return "works";
        case Answer::caution: return "works, with a caution";
        case Answer::fails: return "will not work";
    }
    return "";
}

std::string chain_text(const Judged& judged) {
    std::string text;
    for (const std::string& link : judged.chain) {
        text += (text.empty() ? "" : " -> ") + visible(link);
    }
    return text;
}

int check_program(const std::string& name) {
    const std::string path = find_in_path(name);
    if (path.empty()) throw UsageError("no program \"" + visible(first(name, 200)) + '"');
    const Judged judged = judge_program(path, {only_starts({path}) ? Role::starts : Role::serves});
    if (!judged.error.empty()) throw UsageError(visible(judged.error));
    return tell(chain_text(judged), judged.findings);
}

}  // namespace

int tell(const std::string& subject, const Findings& findings) {
    const Answer answer = overall(findings);
    std::printf("%s: %s\n", subject.c_str(), verdict_text(answer));
    for (const Finding& finding : findings)
        std::printf("  %s\n", visible(sentence(finding)).c_str());
    return answer == Answer::fails ? 1 : 0;
}

int run_check(const Arguments& arguments) {
    if (arguments.has("setup")) return check_setup(arguments);
    for (const char* const option : {"grace", "within", "json"}) {
        if (arguments.has(option)) {
            throw UsageError(std::string{"--"} + option + " goes with --setup");
        }
    }
    if (arguments.operands().size() != 1) throw UsageError("expected one PROGRAM, PID or :PORT");
    const std::string& operand = arguments.operands()[0];
    if (operand.starts_with(':')) return check_process(std::to_string(process_named(operand)));
    const auto pid = whole_number(operand);
    return pid ? check_process(operand) : check_program(operand);
}

}  // namespace lastcall::command
