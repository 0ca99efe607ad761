// The kernel reads 256 bytes and passes all behind the interpreter as one argument, blanks and all;
// env splits it only if asked to by -S.

#include "shebang.hpp"

#include "text.hpp"

#include <algorithm>
#include <array>

namespace lastcall::command {
namespace {

constexpr std::size_t kernel_reads = 256;

Bytes trimmed(Bytes text) {
    while (!text.empty() && (is_ows(text.front()) || text.front() == '\r')) text = from(text, 1);
    while (!text.empty() && (is_ows(text.back()) || text.back() == '\r')) {
        text = first(text, text.size() - 1);
    }
    return text;
}

std::string without_quotes(Bytes word) {
    std::string result;
    for (const char c : word) {
        if (c != '"' && c != '\'') result += c;
    }
    return result;
}

// The words behind env, as env will see them.
std::vector<std::string> split_argument(Bytes argument) {
    for (const Bytes option : {Bytes{"--split-string="}, Bytes{"-S"}, Bytes{"-vS"}}) {
        if (argument.starts_with(option)) return words(from(argument, option.size()));
    }
    if (argument.empty()) return {};
    return {std::string{argument}};
}

// Does this word of env's, alone, keep the preload from what it starts?
bool drops_preload(Bytes word) {
    constexpr std::array<Bytes, 5> words{"-i", "-", "--ignore-environment", "-uLD_PRELOAD",
                                         "--unset=LD_PRELOAD"};
    return word.starts_with("LD_PRELOAD=") ||
           std::find(words.begin(), words.end(), word) != words.end();
}

Shebang behind_env(Bytes argument) {
    Shebang found;
    found.searched = true;
    bool unset = false;
    for (const std::string& word : split_argument(argument)) {
        if (unset) {
            found.loses_preload |= word == "LD_PRELOAD";
            unset = false;
        } else if (word == "-u") {
            unset = true;
        } else if (drops_preload(word)) {
            found.loses_preload = true;
        } else if (word[0] != '-' && word.find('=') == std::string::npos) {
            found.interpreter = without_quotes(word);
            found.searched = found.interpreter.find('/') == std::string::npos;
            return found;
        }
    }
    return found;
}

}  // namespace

std::optional<Shebang> read_shebang(Bytes file) {
    if (!file.starts_with("#!")) return {};
    const Bytes seen = first(file, kernel_reads);
    const Bytes line = trimmed(from(first(seen, seen.find_first_of(Bytes{"\n\0", 2})), 2));
    const std::size_t blank = line.find_first_of(" \t");
    const Bytes interpreter = first(line, blank);
    if (interpreter.empty()) return {};
    if (base_name(interpreter) != "env" || blank == Bytes::npos) {
        return Shebang{std::string{interpreter}, false, false};
    }
    Shebang found = behind_env(trimmed(from(line, blank)));
    if (found.interpreter.empty()) return {};
    return found;
}

}  // namespace lastcall::command
