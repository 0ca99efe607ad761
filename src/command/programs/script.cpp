// Of the shell's grammar: quotes, comments, what ends a command, redirections, assignments. What is
// read wrongly costs a line of advice, or its absence.

#include "script.hpp"

#include "../text.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace lastcall::command {
namespace {

constexpr Bytes ends_command = "\n;&|()";
constexpr Bytes blanks = " \t\r";

// Cuts a script into commands and these into words, quotes taken away.
class Cutter {
public:
    Cutter(Bytes script, const Words& arguments) : rest_(script), arguments_(&arguments) {}

    std::vector<Words> cut() {
        while (!rest_.empty()) step();
        end_command();
        return std::move(commands_);
    }

private:
    void step() {
        const char c = rest_[0];
        if (c == '\'' || c == '"') return take_quoted(c);
        if (c == '\\') return take_escaped();
        if (c == '#' && !inside_) {
            rest_ = from(rest_, std::min(rest_.find('\n'), rest_.size()));
        } else if (ends_command.find(c) != Bytes::npos && !is_redirection(c)) {
            end_command();
            rest_ = from(rest_, 1);
        } else if (blanks.find(c) != Bytes::npos) {
            end_word();
            rest_ = from(rest_, 1);
        } else {
            take(first(rest_, 1));
        }
    }

    // The & of 2>&1.
    [[nodiscard]] bool is_redirection(char c) const { return c == '&' && word_.ends_with('>'); }

    void take(Bytes part) {
        inside_ = true;
        word_ += part;
        rest_ = from(rest_, part.size());
    }

    void take_quoted(char quote) {
        const std::size_t end = std::min(rest_.find(quote, 1), rest_.size());
        inside_ = true;
        word_ += first(from(rest_, 1), end - 1);
        rest_ = from(rest_, end + 1);
    }

    void take_escaped() {
        const Bytes next = first(from(rest_, 1), 1);
        rest_ = from(rest_, 1 + next.size());
        if (next == "\n") return end_word();
        inside_ = true;
        word_ += next;
    }

    void end_word() {
        const bool all = word_ == "$@" || word_ == "${@}" || word_ == "$*";
        if (all) {
            command_.insert(command_.end(), arguments_->begin(), arguments_->end());
        } else if (inside_) {
            command_.push_back(word_);
        }
        word_.clear();
        inside_ = false;
    }

    void end_command() {
        end_word();
        if (!command_.empty()) commands_.push_back(std::move(command_));
        command_.clear();
    }

    Bytes rest_;
    const Words* arguments_;
    std::string word_;
    bool inside_ = false;  // of a word, which may be empty: ''
    Words command_;
    std::vector<Words> commands_;
};

bool is_keyword(Bytes word) {
    constexpr std::array<Bytes, 8> known{"then", "do", "else", "if", "{", "}", "!", "fi"};
    return std::find(known.begin(), known.end(), word) != known.end();
}

bool is_assignment(Bytes word) {
    const std::size_t equals = word.find('=');
    return equals != Bytes::npos && equals != 0 && word.find('/') > equals && word[0] != '-';
}

// Takes away what stands before the program; true: `exec` was among it.
bool strip(Words& command) {
    bool executes = false;
    std::size_t at = 0;
    for (; at < command.size(); ++at) {
        const std::string& word = command[at];
        if (executes && word == "-a") ++at;
        const bool option = executes && (word[0] == '-' || word.empty());
        if (word == "exec") executes = true;
        if (word != "exec" && !option && !is_keyword(word) && !is_assignment(word)) break;
    }
    command.erase(command.begin(),
                  command.begin() + static_cast<std::ptrdiff_t>(std::min(at, command.size())));
    return executes;
}

struct Wrapper {
    Bytes name;
    Bytes with_value;  // its options of one letter that take the next word
    std::size_t operands = 0;
};

constexpr std::array wrappers{
    Wrapper{"tini", "pe"},      Wrapper{"tini-static", "pe"}, Wrapper{"dumb-init", "r"},
    Wrapper{"catatonit", ""},   Wrapper{"gosu", "", 1},       Wrapper{"su-exec", "", 1},
    Wrapper{"env", "uC"},       Wrapper{"nice", "n"},         Wrapper{"nohup", ""},
    Wrapper{"setsid", ""},      Wrapper{"stdbuf", "ioe"},     Wrapper{"timeout", "ks", 1},
    Wrapper{"ionice", "cnpPu"}, Wrapper{"chroot", "", 1},     Wrapper{"sudo", "CDghpRrTtUu"},
    Wrapper{"doas", "Cu"},      Wrapper{"busybox", ""},
};

const Wrapper* known_wrapper(Bytes name) {
    const auto* const found = std::find_if(wrappers.begin(), wrappers.end(),
                                           [&](const Wrapper& one) { return one.name == name; });
    return found == wrappers.end() ? nullptr : found;
}

// They start what their words say in ways of their own.
bool is_starter(Bytes name) {
    constexpr std::array<Bytes, 7> others{"lastcall", "su",      "runuser", "setpriv",
                                          "unshare",  "nsenter", "prlimit"};
    return is_shell(name) || std::find(others.begin(), others.end(), name) != others.end();
}

}  // namespace

bool is_shell(Bytes path) {
    constexpr std::array<Bytes, 6> shells{"sh", "bash", "dash", "ash", "ksh", "zsh"};
    return std::find(shells.begin(), shells.end(), base_name(path)) != shells.end();
}

std::vector<Words> commands_in_place(Bytes script, const Words& arguments) {
    std::vector<Words> commands = Cutter{script, arguments}.cut();
    std::vector<Words> found;
    for (std::size_t i = 0; i < commands.size(); ++i) {
        const bool executes = strip(commands[i]);
        const bool last = i + 1 == commands.size();
        if ((executes || last) && !commands[i].empty()) found.push_back(std::move(commands[i]));
    }
    return found;
}

Words behind_wrapper(const Words& command) {
    if (command.empty()) return {};
    const std::string name = base_name(command[0]);
    const Wrapper* const wrapper = known_wrapper(name);
    if (wrapper == nullptr) return {};
    std::size_t at = 1;
    for (; at < command.size() && command[at].starts_with('-') && command[at] != "--"; ++at) {
        const std::string& option = command[at];
        if (option.size() == 2 && wrapper->with_value.find(option[1]) != Bytes::npos) ++at;
    }
    if (at < command.size() && command[at] == "--") ++at;
    if (name == "env") {
        while (at < command.size() && is_assignment(command[at])) ++at;
    }
    at += wrapper->operands;
    if (at >= command.size()) return {};
    return {command.begin() + static_cast<std::ptrdiff_t>(at), command.end()};
}

bool only_starts(const Words& command) {
    if (command.empty()) return false;
    const std::string name = base_name(command[0]);
    if (name == "busybox") return only_starts(behind_wrapper(command));  // httpd is one of it
    return known_wrapper(name) != nullptr || is_starter(name);
}

}  // namespace lastcall::command
