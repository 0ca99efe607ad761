// Only a program's last link is loaded as ELF, but each link may drop the preload.

#include "program.hpp"

#include "../go/launch/program_file.hpp"
#include "files.hpp"
#include "libraries.hpp"
#include "script.hpp"
#include "shebang.hpp"
#include "text.hpp"

#include <algorithm>

namespace lastcall::command {
namespace {

constexpr std::size_t deepest = 5;

void add(Findings& findings, Findings more) {
    for (Finding& finding : more) findings.push_back(std::move(finding));
}

std::string first_bytes(const Image& file) {
    constexpr std::uint64_t enough_for_shebang = 256;
    return file.part(0, std::min(file.size(), enough_for_shebang)).value_or("");
}

GoCode go_code(const std::string& path) {
    const auto program = go::read_program_file(path, go::Look::through_all);
    if (!program || !program->any) return {};
    return {program->sites.count != 0 ? GoSite::known : GoSite::unknown, program->has_note};
}

void judge_executable(const std::string& path, const Content& content, Judged& judged) {
    const Elf elf = read_elf(*content.image);
    const GoCode go = go_code(path);
    const bool is_go = elf.go || go.site != GoSite::none;
    Findings findings = judge_elf(elf, go);
    add(findings, judge_privileges(content.privileges, !elf.interpreter.empty()));
    if (!elf.interpreter.empty() && !is_executable(elf.interpreter)) {
        findings.push_back({Answer::fails, "its loader is not here: " + elf.interpreter});
    }
    const bool is_script = judged.chain.size() > 1;
    if (is_script && is_shell(path)) {
        findings.push_back({Answer::caution,
                            "it is a shell script: this is the verdict on its shell; check what it "
                            "starts, too"});
    } else if (overall(findings) != Answer::fails && !is_go) {
        add(findings, judge_needs(elf, look_through(elf, real_path(path))));
    }
    add(judged.findings, std::move(findings));
}

// The next link's path, or a finding that there is none.
std::string interpreter_of(const Shebang& shebang, const std::string& script, Judged& judged) {
    if (shebang.loses_preload) {
        judged.findings.push_back({Answer::fails, "its first line has env take LD_PRELOAD away"});
    }
    std::string path = shebang.searched ? find_in_path(shebang.interpreter) : shebang.interpreter;
    if (path.empty() || !is_executable(path)) {
        judged.findings.push_back({Answer::fails, "the interpreter of " + script +
                                                      " is not here: " + shebang.interpreter});
        return {};
    }
    return path;
}

}  // namespace

Judged judge_program(const std::string& path) {
    Judged judged;
    std::string link = path;
    while (!link.empty()) {
        judged.chain.push_back(link);
        const Content content = open_program(link);
        if (!content.image) {
            judged.error = link + ": " + content.error;
            return judged;
        }
        const auto shebang = read_shebang(first_bytes(*content.image));
        if (!shebang) {
            judge_executable(link, content, judged);
            return judged;
        }
        if (judged.chain.size() > deepest) {
            judged.findings.push_back({Answer::fails, "its scripts name each other without end"});
            return judged;
        }
        link = interpreter_of(*shebang, link, judged);
    }
    return judged;
}

}  // namespace lastcall::command
