// lastcall set: writes new limits into a page's control words and reads them back.

#include "near_miss.hpp"
#include "processes/target.hpp"
#include "runs.hpp"
#include "text.hpp"
#include "values.hpp"

#include <array>
#include <cstdio>

namespace lastcall::command {
namespace {

struct Key {
    const char* name;
    status::Word status::Control::*word;
    std::uint32_t (*read)(Bytes value, Bytes name);
    std::string (*text)(std::uint32_t value);
};

// In the form of a variable.
template <std::uint32_t Policy::*limit>
std::uint32_t read_limit(Bytes variable, Bytes value, Bytes name) {
    Settings settings;
    read_value(variable, value, name, settings);
    return settings.policy.*limit;
}

constexpr std::array keys{
    Key{"requests", &status::Control::requests,
        [](Bytes value, Bytes name) {
            return read_limit<&Policy::requests>("LASTCALL_REQUESTS", value, name);
        },
        requests_text},
    Key{"age", &status::Control::age,
        [](Bytes value, Bytes name) {
            return read_limit<&Policy::age>("LASTCALL_AGE", value, name);
        },
        age_text},
    Key{"jitter", &status::Control::jitter,
        [](Bytes value, Bytes name) {
            return read_limit<&Policy::jitter>("LASTCALL_JITTER", value, name);
        },
        jitter_text},
    Key{"rate", &status::Control::rate,
        [](Bytes value, Bytes name) {
            return read_limit<&Policy::rate>("LASTCALL_RATE", value, name);
        },
        rate_text},
    Key{"observe", &status::Control::observe, read_switch, switch_text},
};

struct Change {
    const Key* key;
    std::uint32_t value;
};
using Changes = std::vector<Change>;

const Key& find_key(Bytes name) {
    std::vector<Bytes> names;
    for (const Key& key : keys) {
        if (name == key.name) return key;
        names.emplace_back(key.name);
    }
    if (name == "ports") {
        throw UsageError(
            "ports cannot be changed: a connection is followed from its first byte or never. "
            "Start the server with another LASTCALL_PORTS");
    }
    const Bytes meant = near_miss(name, names);
    throw UsageError("no limit \"" + visible(first(name, 80)) + '"' +
                     (meant.empty() ? "; there are requests, age, jitter, rate and observe"
                                    : "; did you mean " + std::string{meant} + "?"));
}

Changes read_changes(std::span<const std::string> operands) {
    Changes changes;
    for (const Bytes operand : operands) {
        const std::size_t equals = operand.find('=');
        if (equals == Bytes::npos) {
            throw UsageError(in_quotes(operand) + ": expected KEY=VALUE");
        }
        const Key& key = find_key(first(operand, equals));
        changes.push_back({&key, key.read(from(operand, equals + 1), key.name)});
    }
    return changes;
}

// One line a change, "requests 1000 -> 50"; false if something else was read back.
bool apply(const Changes& changes, status::Control& control, std::string& told) {
    bool confirmed = true;
    for (const Change& change : changes) {
        status::Word& word = control.*change.key->word;
        const std::uint32_t before = word.exchange(change.value);
        const std::uint32_t after = word.load();
        confirmed = confirmed && after == change.value;
        told += std::string{"  "} + change.key->name + ' ' + change.key->text(before) + " -> " +
                change.key->text(after) + '\n';
    }
    if (control.drain_start.load() != 0) {
        told += "  a drain is on, and goes on: `lastcall drain --cancel` ends it\n";
    }
    return confirmed;
}

}  // namespace

int run_set(const Arguments& arguments) {
    const auto operands = arguments.operands();
    if (operands.size() < 2) {
        throw UsageError("expected a PID, a NAME or :PORT, and at least one KEY=VALUE");
    }
    check_operand(operands[0]);
    const Changes changes = read_changes(operands.subspan(1));
    bool done = true;
    const Target target = steerable(operands[0], arguments.has("all"));
    for (const FoundPage& page : target.pages) {
        std::string told;
        const std::string error = with_control(
            page, [&](status::Control& control) { done = apply(changes, control, told) && done; });
        const int holder = page.holders[0].process.pid;
        if (error.empty()) {
            std::printf("%s, process %d:\n%s", visible(server_name(holder)).c_str(), holder,
                        told.c_str());
            continue;
        }
        done = false;
        std::fprintf(stderr, "lastcall set: %s: %s\n", visible(page.path).c_str(), error.c_str());
    }
    if (!target.left_alone.empty()) {
        std::fprintf(stderr, "lastcall set: %s\n", target.left_alone.c_str());
    }
    return done ? 0 : 1;
}

}  // namespace lastcall::command
