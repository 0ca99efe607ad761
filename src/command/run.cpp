// lastcall run: prepares the environment in which the loader and the library do the rest, and
// becomes the program. All that can be refused is refused before.

#include "../go/launch/helper.hpp"
#include "environment.hpp"
#include "files.hpp"
#include "installation.hpp"
#include "pages/stale.hpp"
#include "programs/go_program.hpp"
#include "programs/program.hpp"
#include "programs/script.hpp"
#include "programs/unfollowed.hpp"
#include "runs.hpp"
#include "text.hpp"
#include "values.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace lastcall::command {
namespace {

constexpr int not_executable = 126;  // as a shell has it
constexpr int not_found = 127;

bool is_writable_folder(const std::string& path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
           access(path.c_str(), W_OK | X_OK) == 0;
}

// Flags first, then what is in the environment already: both are to be good.
Settings read_settings(const Arguments& arguments) {
    Settings settings;
    for (const Option& option : arguments.subcommand().options) {
        const auto value = arguments.value(option.name);
        if (!value || option.value == nullptr) continue;
        read_value(option.variable, *value, std::string{"--"} + option.name, settings);
        setenv(option.variable, std::string{*value}.c_str(), 1);
    }
    if (arguments.has("observe")) setenv("LASTCALL", "observe", 1);
    for (const Setting& setting : settings_table()) {
        const char* const value = std::getenv(setting.variable);
        if (value != nullptr) read_value(setting.variable, value, setting.variable, settings);
    }
    return settings;
}

// The folder of the status page, "" for none. Where the environment and the flags are silent, one
// is chosen.
std::string choose_status(const Arguments& arguments, const Settings& settings) {
    const char* const given = std::getenv("LASTCALL_STATUS");
    if (given == nullptr) {
        std::string chosen = is_writable_folder("/dev/shm") ? "/dev/shm" : "/tmp";
        setenv("LASTCALL_STATUS", chosen.c_str(), 1);
        return chosen;
    }
    std::string folder = settings.status.data();
    if (!folder.empty() && !is_writable_folder(folder)) {
        throw UsageError(std::string{arguments.has("status") ? "--status" : "LASTCALL_STATUS"} +
                         " \"" + visible(folder) +
                         "\": expected a folder that can be written to, or off");
    }
    return folder;
}

// As its first word: the loader takes what stands between colons and blanks.
bool is_first(Bytes preloads, Bytes library) {
    const Bytes behind = from(preloads, library.size());
    return preloads.starts_with(library) &&
           (behind.empty() || behind[0] == ':' || behind[0] == ' ');
}

void preload(const std::string& library) {
    if (library.find_first_of(": \t\n") != std::string::npos) {
        throw UsageError("LD_PRELOAD cannot name " + visible(library) +
                         ": its path holds a colon or white space");
    }
    const char* const others = std::getenv("LD_PRELOAD");
    std::string value = library;
    if (others != nullptr && *others != '\0') {
        if (is_first(others, library)) return;
        value += ':' + std::string{others};
    }
    setenv("LD_PRELOAD", value.c_str(), 1);
}

// A program that is known to escape runs all the same: it may be one entry point of several.
void warn(const std::string& path, Role role) {
    const Judged judged = judge_program(path, {role, Reading::headers});
    for (const Finding& finding : judged.findings) {
        if (finding.answer != Answer::fails) continue;
        if (finding.extent == Extent::does_not_start) {
            std::fprintf(stderr, "lastcall: %s does not start: %s\n", visible(path).c_str(),
                         visible(finding.text).c_str());
        } else {
            tell_unfollowed(path + (finding.extent == Extent::itself ? " itself" : ""),
                            sentence(finding));
        }
        return;
    }
}

void warn_of_typos() {
    std::vector<std::string> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
    for (const std::string& typo : misspelt(environment)) {
        std::fprintf(stderr, "lastcall: %s\n", visible(typo).c_str());
    }
}

// True: what the command starts escapes, which has been said; or cares for itself.
bool warn_of_environment(const Words& command) {
    const std::string starter = begins_anew(command);
    if (starter.empty()) return only_starts(command) && names_us(command);
    tell_unfollowed("what " + starter + " starts", of_new_environment(starter));
    return true;
}

}  // namespace

int run_run(const Arguments& arguments) {
    const auto command = arguments.operands();
    if (command.empty()) throw UsageError("expected a PROGRAM");
    const Settings settings = read_settings(arguments);
    const std::string folder = choose_status(arguments, settings);
    const FoundLibrary library = find_library();
    if (library.path.empty()) throw UsageError(library.error);
    preload(library.path);
    if (!folder.empty()) sweep(folder);
    const std::string path = find_in_path(command[0]);
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    const Words given(command.begin(), command.end());
    const Role role = only_starts(given) ? Role::starts : Role::serves;
    warn_of_typos();
    const bool warned = warn_of_environment(given);
    if (!path.empty() && !follow_go(path, folder_of(library.path), role) && !warned) {
        warn(path, role);
        tell_of_go_behind(given);
    }
    std::fflush(stderr);
    execvp(words[0], words.data());
    // A security module may refuse to change domains under a tracer.
    if ((errno == EPERM || errno == EACCES) && go::dismiss_helper()) {
        tell_unfollowed(command[0], "it may not be started under a tracer");
        execvp(words[0], words.data());
    }
    const int error = errno;
    std::fprintf(stderr, "lastcall run: %s: %s\n", visible(command[0]).c_str(),
                 std::strerror(error));
    return error == ENOENT || error == ENOTDIR ? not_found : not_executable;
}

}  // namespace lastcall::command
