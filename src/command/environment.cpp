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

bool begins_anew(std::span<const std::string> command) {
    if (command.empty() || base_name(command[0]) != "env") return false;
    for (const std::string& word : command.subspan(1)) {
        if (word == "-" || word == "--ignore-environment") return true;
        if (!word.starts_with('-') || word == "--") return false;
        if (word.starts_with("--")) continue;
        const std::size_t letter = word.find_first_of("iuCS");  // all but i take the rest
        if (letter != std::string::npos && word[letter] == 'i') return true;
    }
    return false;
}

}  // namespace lastcall::command
