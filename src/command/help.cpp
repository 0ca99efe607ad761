// Help, printed from the table of options.

#include "options.hpp"
#include "text.hpp"
#include "values.hpp"

#include <algorithm>

namespace lastcall::command {
namespace {

std::string spelled(const Option& option) {
    std::string text = option.letter != 0 ? printed("-%c, ", option.letter) : "    ";
    text += printed("--%s", option.name);
    if (option.value != nullptr) text += printed(" %s", option.value);
    return text;
}

std::string row(const std::string& left, std::size_t width, const std::string& right) {
    return printed("  %-*s  %s\n", static_cast<int>(width), left.c_str(), right.c_str());
}

std::string option_rows(std::span<const Option> options) {
    std::size_t width = spelled(help_option).size();
    for (const Option& option : options) width = std::max(width, spelled(option).size());
    std::string text;
    for (const Option& option : options) {
        text += row(spelled(option), width, option.help);
        if (option.variable == nullptr) continue;
        text += row("", width, std::string{"("} + accepted(option.variable) + ")");
    }
    return text + row(spelled(help_option), width, help_option.help);
}

}  // namespace

std::string help() {
    std::string text =
        "usage: lastcall SUBCOMMAND ...\n"
        "\n"
        "Makes the N-th response of every HTTP/1.1 connection of an unmodified server say\n"
        "Connection: close, tells the client of every HTTP/2 connection in clear text to go by\n"
        "GOAWAY at its N-th stream, and watches and steers the server while it runs.\n"
        "\n";
    for (const Subcommand& subcommand : subcommands()) {
        text += row(subcommand.name, 8, subcommand.summary);
    }
    return text +
           "\n"
           "  lastcall SUBCOMMAND --help   tells about one of them\n"
           "  lastcall --version           prints the version\n";
}

std::string help(const Subcommand& subcommand) {
    std::string text = printed("usage: lastcall %s [OPTION]... %s\n\n%s\n\n", subcommand.name,
                               subcommand.operands, subcommand.summary);
    text += option_rows(subcommand.options);
    return text + '\n' + subcommand.notes;
}

}  // namespace lastcall::command
