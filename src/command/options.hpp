// The one table of subcommands and options: parsing, help, completion and the manual are held to
// it. Reads words into Arguments; knows what an option is called and takes, not what it does.
#pragma once

#include <lastcall/bytes.hpp>

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace lastcall::command {

struct Option {
    char letter;           // 0: none
    const char* name;      // without the hyphens
    const char* value;     // what it takes, for help; nullptr: nothing
    const char* variable;  // of the settings table, whose form its value has; nullptr: none
    const char* help;
};

class Arguments;

struct Subcommand {
    const char* name;
    const char* operands;  // for help
    const char* summary;   // one line
    std::span<const Option> options;
    const char* notes;             // the rest of its help
    int (*run)(const Arguments&);  // the exit status
};

[[nodiscard]] std::span<const Subcommand> subcommands();

// Bad input: exit status 2. The text names the word, and what was probably meant or is accepted.
struct UsageError : std::runtime_error {
    using runtime_error::runtime_error;
};

// The input was good and the thing cannot be done: exit status 1.
struct Failure : std::runtime_error {
    using runtime_error::runtime_error;
};

class Arguments {
public:
    // `words`: behind the subcommand. Options may stand among the operands, but for `run`, whose
    // first operand begins another command line. "--" ends the options.
    Arguments(const Subcommand& subcommand, std::span<const Bytes> words);

    [[nodiscard]] const Subcommand& subcommand() const { return *subcommand_; }
    [[nodiscard]] bool has(Bytes option) const { return value(option).has_value(); }
    // The last one given; empty for an option that takes none.
    [[nodiscard]] std::optional<Bytes> value(Bytes option) const;
    [[nodiscard]] std::span<const std::string> operands() const { return operands_; }

private:
    struct Given {
        const Option* option;
        std::string value;
    };

    // Both take the value from the next word if it is due: the number of words used.
    std::size_t take_long(std::span<const Bytes> words);
    std::size_t take_letters(std::span<const Bytes> words);
    void give(const Option& option, Bytes value);

    const Subcommand* subcommand_;
    std::vector<Given> given_;
    std::vector<std::string> operands_;
};

inline constexpr Option help_option{'h', "help", nullptr, nullptr, "print this"};
inline constexpr Option version_option{0, "version", nullptr, nullptr, "print the version"};

// Throws UsageError with the near miss.
[[nodiscard]] const Subcommand& find_subcommand(Bytes name);

[[nodiscard]] std::string help();
[[nodiscard]] std::string help(const Subcommand& subcommand);

}  // namespace lastcall::command
