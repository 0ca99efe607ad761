// Only a program's last link is loaded as ELF, but each link may drop the preload.

#include "program.hpp"

#include "../../go/launch/program_file.hpp"
#include "../environment.hpp"
#include "../files.hpp"
#include "../text.hpp"
#include "libraries.hpp"
#include "script.hpp"
#include "shebang.hpp"

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

// A dynamic program that says nothing of Go is searched only if there is time: it may lack all that
// would tell.
GoCode go_code(const std::string& path, const Elf& elf, Reading reading) {
    const bool search = reading == Reading::whole || elf.go || elf.interpreter.empty();
    const auto look = search ? go::Look::through_all : go::Look::through_static;
    const auto program = go::read_program_file(path, look);
    if (!program || !program->any) return {};
    return {program->sites.count != 0 ? GoSite::known : GoSite::unknown, program->has_note};
}

void judge_executable(const std::string& path, const Content& content, const Judging& judging,
                      Judged& judged) {
    const bool is_script = judged.chain.size() > 1 && only_starts({path});
    const Role role = is_script ? Role::starts : judging.role;
    const Elf elf = read_elf(*content.image, judging.reading);
    const GoCode go = go_code(path, elf, judging.reading);
    const bool is_go = elf.go || go.site != GoSite::none;
    Findings findings = judge_elf(elf, go, role);
    const Findings privileges = judge_privileges(content.privileges, !elf.interpreter.empty());
    if (overall(privileges) == Answer::fails) {
        for (Finding& finding : findings) finding.extent = Extent::family;
    }
    add(findings, privileges);
    if (!elf.interpreter.empty() && !is_executable(elf.interpreter)) {
        findings.push_back(does_not_start("its loader is not here: " + elf.interpreter));
    }
    if (is_script && is_shell(path)) {
        findings.push_back(
            caution("it is a shell script: this is the verdict on its shell; check what it starts, "
                    "too"));
    } else if (role == Role::starts) {
        findings.push_back(caution("it is there to start another program: check that, too"));
        const std::string wiper = begins_anew({path});
        if (!wiper.empty()) {
            findings.push_back(
                caution("what it starts is not followed: " + of_new_environment(wiper)));
        }
    } else if (overall(findings) != Answer::fails && !is_go && judging.reading == Reading::whole) {
        add(findings, judge_needs(elf, look_through(elf, real_path(path))));
    }
    add(judged.findings, std::move(findings));
}

// The next link's path, or a finding that there is none.
std::string interpreter_of(const Shebang& shebang, const std::string& script, Judged& judged) {
    if (shebang.loses_preload) {
        judged.findings.push_back(fails("its first line has env take LD_PRELOAD away"));
    }
    if (shebang.ends_in_return) {
        judged.findings.push_back(
            caution("its first line ends with a carriage return, which its interpreter is given as "
                    "part of its argument"));
    }
    if (shebang.dead_end != nullptr) {
        judged.findings.push_back(does_not_start(shebang.dead_end));
        return {};
    }
    std::string path = shebang.searched ? find_in_path(shebang.interpreter) : shebang.interpreter;
    if (!path.empty() && is_executable(path)) return path;
    const bool returned = shebang.interpreter.ends_with('\r');
    judged.findings.push_back(does_not_start(
        returned ? "its first line ends with a carriage return, which is taken for "
                   "a part of the interpreter's name (status 127)"
                 : "the interpreter of " + script + " is not here: " + shebang.interpreter));
    return {};
}

// A text that names no interpreter, as a shell or execvp(3) starts it.
std::string default_shell(Judged& judged) {
    judged.findings.push_back(
        caution("its first line names no interpreter: shells and `lastcall run` have /bin/sh run "
                "it, others do not start it"));
    return "/bin/sh";
}

// What it takes to start a file at all.
void judge_start(const std::string& path, Judged& judged) {
    if (is_executable(path)) return;
    judged.findings.push_back(
        does_not_start("it may not be executed by who asks: it lacks the x bit (status 126)"));
}

}  // namespace

Judged judge_program(const std::string& path, const Judging& judging) {
    Judged judged;
    std::string link = path;
    while (!link.empty()) {
        judged.chain.push_back(link);
        const Content content = open_program(link);
        if (!content.image) {
            judged.error = link + ": " + content.error;
            return judged;
        }
        const bool is_first = judged.chain.size() == 1;
        if (is_first) judge_start(link, judged);
        const std::string begin = first_bytes(*content.image);
        const auto shebang = read_shebang(begin);
        if (!shebang && !(is_first && is_executable(link) && is_text(begin))) {
            judge_executable(link, content, judging, judged);
            return judged;
        }
        if (judged.chain.size() > deepest) {
            judged.findings.push_back(does_not_start("its scripts name each other without end"));
            return judged;
        }
        link = shebang ? interpreter_of(*shebang, link, judged) : default_shell(judged);
    }
    return judged;
}

}  // namespace lastcall::command
