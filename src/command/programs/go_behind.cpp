// Follows words from starter to started, a few steps deep. `lastcall` among them ends the search:
// what is behind it is cared for.

#include "go_behind.hpp"

#include "../../go/launch/program_file.hpp"
#include "../files.hpp"
#include "../text.hpp"
#include "shebang.hpp"

#include <algorithm>

namespace lastcall::command {
namespace {

constexpr int deepest = 5;
constexpr std::uint64_t most_of_script = 65536;

struct Script {
    std::string text;
    Words arguments;
};

// Empty if it is no script of a shell's.
std::string script_text(const std::string& path) {
    const Content content = open_program(path);
    if (!content.image) return {};
    const std::uint64_t size = std::min(content.image->size(), most_of_script);
    std::string text = content.image->part(0, size).value_or("");
    const auto shebang = read_shebang(text);
    return shebang && is_shell(shebang->interpreter) ? text : std::string{};
}

Words behind(const Words& command, std::size_t at) {
    if (at >= command.size()) return {};
    return {command.begin() + static_cast<std::ptrdiff_t>(at), command.end()};
}

// sh -c TEXT NAME ARGUMENT..., sh FILE ARGUMENT...
Script script_of_shell(const Words& command) {
    std::size_t at = 1;
    bool is_text = false;
    for (; at < command.size() && command[at].starts_with('-'); ++at) {
        is_text |= command[at].find('c') != std::string::npos;
    }
    if (at >= command.size()) return {};
    if (is_text) return {command[at], behind(command, at + 2)};
    return {read_text(command[at]).value_or("").substr(0, most_of_script), behind(command, at + 1)};
}

bool is_static_go(const std::string& path) {
    const auto program = go::read_program_file(path, go::Look::through_static);
    return program && program->any && !program->has_loader;
}

GoBehind find(const Words& command, const GoBehind& starter, int depth);

GoBehind find_in_script(const Script& script, const std::string& name, int depth) {
    for (const Words& command : commands_in_place(script.text, script.arguments)) {
        GoBehind found = find(command, {name, true, {}}, depth + 1);
        if (!found.starter.empty()) return found;
    }
    return {};
}

GoBehind find(const Words& command, const GoBehind& starter, int depth) {
    if (command.empty() || depth > deepest || base_name(command[0]) == "lastcall") return {};
    const Words wrapped = behind_wrapper(command);
    if (!wrapped.empty()) return find(wrapped, {base_name(command[0]), false, {}}, depth + 1);
    if (is_shell(command[0])) return find_in_script(script_of_shell(command), command[0], depth);
    const std::string path = find_in_path(command[0]);
    if (path.empty()) return {};
    const std::string text = script_text(path);
    if (!text.empty()) return find_in_script({text, behind(command, 1)}, command[0], depth);
    if (depth == 0 || !is_static_go(path)) return {};
    return {starter.starter, starter.is_script, command[0]};
}

}  // namespace

GoBehind find_go_behind(const Words& command) { return find(command, {}, 0); }

}  // namespace lastcall::command
