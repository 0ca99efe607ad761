// Kubernetes makes variables for a Service that is called lastcall: LASTCALL_PORT and others, of
// addresses and of names that are near to none of ours.

#include "environment.hpp"

#include "near_miss.hpp"
#include "text.hpp"

#include <lastcall/settings.hpp>

#include <algorithm>

namespace lastcall::command {
namespace {

constexpr Bytes prefix = "LASTCALL_";

// What the kernel of a name was meant to be; empty: nothing of ours.
std::string meant_by(Bytes name) {
    std::vector<Bytes> known;
    for (const Setting& setting : settings_table()) {
        if (name == setting.variable) return {};
        known.emplace_back(setting.variable);
    }
    if (!name.starts_with(prefix)) {
        const Bytes nearest = name.starts_with("LAST") ? near_miss(name, known) : Bytes{};
        return nearest.empty() || distance(name, nearest) > 2 ? "" : std::string{nearest};
    }
    std::erase_if(known, [](Bytes other) { return !other.starts_with(prefix); });
    for (Bytes& other : known) other = from(other, prefix.size());
    const Bytes nearest = near_miss(from(name, prefix.size()), known);
    return nearest.empty() ? "" : std::string{prefix} + std::string{nearest};
}

bool env_wipes(const Words& command) {
    for (std::size_t at = 1; at < command.size(); ++at) {
        const std::string& word = command[at];
        if (word == "-" || word == "--ignore-environment") return true;
        if (!word.starts_with('-') || word == "--") return false;
        if (word.starts_with("--")) continue;
        const std::size_t letter = word.find_first_of("iuCS");  // all but i take the rest
        if (letter != std::string::npos && word[letter] == 'i') return true;
    }
    return false;
}

// Its options end where the command of another shell begins.
bool is_login(const Words& command) {
    for (std::size_t at = 1; at < command.size() && !command[at].starts_with("-c"); ++at) {
        if (command[at] == "-" || command[at] == "-l" || command[at] == "--login") return true;
    }
    return false;
}

bool wipes(const Words& command) {
    const std::string name = base_name(command[0]);
    if (name == "env") return env_wipes(command);
    if (name == "su" || name == "runuser") return is_login(command);
    if (name == "setpriv") {
        return std::find(command.begin(), command.end(), "--reset-env") != command.end();
    }
    return name == "sudo" || name == "doas";  // -E keeps other variables, but not that one
}

// As to keep it, or to set it.
bool names_preload(const Words& command) {
    return std::any_of(command.begin(), command.end(), [](const std::string& word) {
        return word.find("LD_PRELOAD") != std::string::npos;
    });
}

bool is_an_address(Bytes value) {
    return value.starts_with("tcp://") || value.starts_with("udp://") ||
           value.starts_with("sctp://");
}

}  // namespace

std::vector<std::string> misspelt(std::span<const std::string> environment) {
    std::vector<std::string> told;
    for (const Bytes entry : environment) {
        const std::size_t equals = entry.find('=');
        if (equals == Bytes::npos || is_an_address(from(entry, equals + 1))) continue;
        const std::string meant = meant_by(first(entry, equals));
        if (meant.empty()) continue;
        told.push_back(std::string{first(entry, equals)} + " is ignored; did you mean " + meant +
                       '?');
    }
    return told;
}

std::string begins_anew(const Words& command) {
    for (Words rest = command; !rest.empty(); rest = behind_wrapper(rest)) {
        if (names_us(rest) || names_preload(rest)) return {};
        if (wipes(rest)) return base_name(rest[0]);
    }
    return {};
}

std::string of_new_environment(const std::string& starter) {
    return "its environment is a new one; put `lastcall run --` behind the options of " + starter;
}

bool names_us(const Words& command) {
    return std::any_of(command.begin(), command.end(), [](const std::string& word) {
        return base_name(word) == "lastcall" || word.find("lastcall run ") != std::string::npos;
    });
}

}  // namespace lastcall::command
