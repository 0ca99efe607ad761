// Words to arguments, as POSIX and GNU have it: -n5, -n 5, --requests=5, --requests 5, --.

#include "options.hpp"

#include "near_miss.hpp"
#include "text.hpp"

#include <algorithm>

namespace lastcall::command {
namespace {

std::string with_near_miss(std::string complaint, Bytes typed, std::span<const Bytes> known,
                           Bytes prefix) {
    const Bytes meant = near_miss(typed, known);
    if (meant.empty()) return complaint;
    return complaint + "; did you mean " + std::string{prefix} + std::string{meant} + "?";
}

const Option& find_long(const Subcommand& subcommand, Bytes name) {
    std::vector<Bytes> names{help_option.name};
    if (name == help_option.name) return help_option;
    for (const Option& option : subcommand.options) {
        if (name == option.name) return option;
        names.emplace_back(option.name);
    }
    throw UsageError(
        with_near_miss("no option " + in_quotes("--" + std::string{name}), name, names, "--"));
}

const Option& find_letter(const Subcommand& subcommand, char letter) {
    if (letter == help_option.letter) return help_option;
    for (const Option& option : subcommand.options) {
        if (option.letter == letter) return option;
    }
    std::string complaint = "no option " + in_quotes(std::string{'-', letter});
    for (const Option& option : subcommand.options) {
        if (option.name[0] != letter) continue;
        throw UsageError(complaint + "; did you mean --" + option.name + "?");
    }
    throw UsageError(complaint);
}

}  // namespace

Arguments::Arguments(const Subcommand& subcommand, std::span<const Bytes> words)
    : subcommand_(&subcommand) {
    const bool stops = Bytes{subcommand.name} == "run";
    bool options = true;
    while (!words.empty()) {
        const Bytes word = words[0];
        std::size_t used = 1;
        if (!options || word.size() < 2 || word[0] != '-') {
            operands_.emplace_back(word);
            options = options && !stops;
        } else if (word == "--") {
            options = false;
        } else {
            used = word[1] == '-' ? take_long(words) : take_letters(words);
        }
        words = words.subspan(used);
    }
}

std::size_t Arguments::take_long(std::span<const Bytes> words) {
    const Bytes word = from(words[0], 2);
    const std::size_t equals = word.find('=');
    const Option& option = find_long(*subcommand_, first(word, equals));
    if (option.value == nullptr) {
        if (equals != Bytes::npos) {
            throw UsageError(printed("--%s takes no value", option.name));
        }
        give(option, {});
        return 1;
    }
    if (equals != Bytes::npos) {
        give(option, from(word, equals + 1));
        return 1;
    }
    if (words.size() < 2) throw UsageError(printed("--%s needs %s", option.name, option.value));
    give(option, words[1]);
    return 2;
}

std::size_t Arguments::take_letters(std::span<const Bytes> words) {
    for (Bytes letters = from(words[0], 1); !letters.empty(); letters = from(letters, 1)) {
        const Option& option = find_letter(*subcommand_, letters[0]);
        if (option.value == nullptr) {
            give(option, {});
            continue;
        }
        if (letters.size() > 1) {
            give(option, from(letters, 1));
            return 1;
        }
        if (words.size() < 2)
            throw UsageError(printed("-%c needs %s", option.letter, option.value));
        give(option, words[1]);
        return 2;
    }
    return 1;
}

void Arguments::give(const Option& option, Bytes value) {
    given_.push_back({&option, std::string{value}});
}

std::optional<Bytes> Arguments::value(Bytes option) const {
    std::optional<Bytes> last;
    for (const Given& given : given_) {
        if (option == given.option->name) last = given.value;
    }
    return last;
}

namespace {

bool has(const Subcommand& subcommand, Bytes word) {
    const bool is_long = word.starts_with("--");
    const Bytes name = from(first(word, word.find('=')), 2);
    return std::any_of(
        subcommand.options.begin(), subcommand.options.end(), [&](const Option& option) {
            const bool letter = option.letter != 0 && word.size() > 1 && word[1] == option.letter;
            return is_long ? name == option.name : letter;
        });
}

// The subcommands that have the option, as -n5, --requests or --requests=5: "run", "check or
// status"; empty: none.
std::string owners_of(Bytes word) {
    std::string text;
    for (const Subcommand& subcommand : subcommands()) {
        if (has(subcommand, word))
            text += (text.empty() ? "" : " or ") + std::string{subcommand.name};
    }
    return text;
}

}  // namespace

const Subcommand& find_subcommand(Bytes name) {
    std::vector<Bytes> names;
    for (const Subcommand& subcommand : subcommands()) {
        if (name == subcommand.name) return subcommand;
        names.emplace_back(subcommand.name);
    }
    if (name == "-v" || name == "-V" || name == "version") {
        throw UsageError("no " + std::string{name == "version" ? "subcommand " : "option "} +
                         in_quotes(name) + "; did you mean --version?");
    }
    const bool option = name.starts_with('-');
    if (!option) {
        throw UsageError(with_near_miss("no subcommand " + in_quotes(name), name, names, {}));
    }
    if (const std::string owners = owners_of(name); !owners.empty()) {
        throw UsageError(in_quotes(first(name, name.find('='))) +
                         " stands in front of a subcommand; did you mean lastcall " + owners + ' ' +
                         visible(first(name, 80)) + " ...?");
    }
    names = {"--help", "--version"};
    throw UsageError(with_near_miss("no option " + in_quotes(name), name, names, {}));
}

}  // namespace lastcall::command
