// The `lastcall` command: picks the subcommand, and turns what went wrong into a line on stderr and
// an exit status. Knows none of the subcommands.

#include "options.hpp"
#include "version.hpp"

#include <cstdio>
#include <exception>

namespace lastcall::command {
namespace {

constexpr int failed = 1;
constexpr int bad_usage = 2;

// What was printed has to have arrived.
int finished(int status) {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
    std::fputs("lastcall: the output could not be written\n", stderr);
    return status != 0 ? status : failed;
}

int print(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    return finished(0);
}

int run_subcommand(const Subcommand& subcommand, std::span<const Bytes> words) {
    try {
        const Arguments arguments(subcommand, words);
        if (arguments.has("help")) return print(help(subcommand));
        return finished(subcommand.run(arguments));
    } catch (const UsageError& error) {
        std::fprintf(stderr, "lastcall %s: %s\nlastcall %s --help tells more\n", subcommand.name,
                     error.what(), subcommand.name);
        return bad_usage;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "lastcall %s: %s\n", subcommand.name, error.what());
        return failed;
    }
}

int run(std::span<const Bytes> words) {
    if (words.empty()) {
        std::fputs(help().c_str(), stderr);
        return bad_usage;
    }
    if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") return print(help());
    if (words[0] == "--version") return print(std::string{"lastcall "} + version + '\n');
    try {
        return run_subcommand(find_subcommand(words[0]), words.subspan(1));
    } catch (const UsageError& error) {
        std::fprintf(stderr, "lastcall: %s\nlastcall --help tells more\n", error.what());
        return bad_usage;
    }
}

}  // namespace
}  // namespace lastcall::command

int main(int count, char** words) {
    const std::vector<lastcall::Bytes> given(words + (count > 0 ? 1 : 0), words + count);
    return lastcall::command::run(given);
}
