// lastcall set: writes new limits into a page's control words and reads them back.

#include "near_miss.hpp"
#include "pages.hpp"
#include "runs.hpp"
#include "text.hpp"
#include "values.hpp"

#include <array>
#include <cstdio>

namespace lastcall::command {
namespace {

struct Key {
    const char* name;
    const char* variable;
    status::Word status::Control::*word;
    std::uint32_t Policy::*value;
    std::string (*text)(std::uint32_t value);
};

constexpr std::array keys{
    Key{"requests", "LASTCALL_REQUESTS", &status::Control::requests, &Policy::requests,
        requests_text},
    Key{"age", "LASTCALL_AGE", &status::Control::age, &Policy::age, age_text},
    Key{"jitter", "LASTCALL_JITTER", &status::Control::jitter, &Policy::jitter, jitter_text},
    Key{"rate", "LASTCALL_RATE", &status::Control::rate, &Policy::rate, rate_text},
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
    const Bytes meant = near_miss(name, names);
    throw UsageError("no limit \"" + visible(first(name, 80)) + '"' +
                     (meant.empty() ? "; there are requests, age, jitter and rate"
                                    : "; did you mean " + std::string{meant} + "?"));
}

Changes read_changes(std::span<const std::string> operands) {
    Changes changes;
    for (const Bytes operand : operands) {
        const std::size_t equals = operand.find('=');
        if (equals == Bytes::npos) {
            throw UsageError('"' + visible(first(operand, 80)) + "\": expected KEY=VALUE");
        }
        const Key& key = find_key(first(operand, equals));
        Settings settings;
        read_value(key.variable, from(operand, equals + 1), key.name, settings);
        changes.push_back({&key, settings.policy.*key.value});
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
    return confirmed;
}

}  // namespace

int run_set(const Arguments& arguments) {
    const auto operands = arguments.operands();
    if (operands.size() < 2) throw UsageError("expected a PID and at least one KEY=VALUE");
    const int pid = read_pid(operands[0]);
    const Changes changes = read_changes(operands.subspan(1));
    bool done = true;
    std::size_t beyond = 0;
    for (const FoundPage& page : steerable_pages(pid, Reach(pid, arguments.has("all")), beyond)) {
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
    if (beyond != 0) std::fprintf(stderr, "lastcall set: %s\n", left_alone(pid, beyond).c_str());
    return done ? 0 : 1;
}

}  // namespace lastcall::command
