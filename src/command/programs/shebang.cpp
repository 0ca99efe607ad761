// The kernel reads 256 bytes and passes all behind the interpreter as one argument, blanks and all;
// env splits it only if asked to by -S. What env is told without a program, it starts the script
// with: its path is the kernel's last word. A carriage return is no blank to the kernel.

#include "shebang.hpp"

#include "../text.hpp"

#include <algorithm>
#include <array>

namespace lastcall::command {
namespace {

constexpr std::size_t kernel_reads = 256;

constexpr const char* again = "its first line has env start the script itself again, without end";
constexpr const char* refused =
    "its first line has env refuse a blank within an option: several words need env -S";

Bytes trimmed(Bytes text) {
    while (!text.empty() && is_ows(text.front())) text = from(text, 1);
    while (!text.empty() && is_ows(text.back())) text = first(text, text.size() - 1);
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
struct Behind {
    std::vector<std::string> words;
    bool split = false;
};

Behind split_argument(Bytes argument) {
    for (const Bytes option : {Bytes{"--split-string="}, Bytes{"-S"}, Bytes{"-vS"}}) {
        if (argument.starts_with(option)) return {words(from(argument, option.size())), true};
    }
    if (argument.empty()) return {};
    return {{std::string{argument}}, false};
}

// The word behind it is its value.
bool takes_next(Bytes word) {
    constexpr std::array<Bytes, 4> words{"-u", "--unset", "-C", "--chdir"};
    return std::find(words.begin(), words.end(), word) != words.end();
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
    found.dead_end = again;
    const Behind behind = split_argument(argument);
    Bytes before;  // an option that takes this word
    for (const std::string& word : behind.words) {
        if (!before.empty()) {
            found.loses_preload |= before.find('u') != Bytes::npos && word == "LD_PRELOAD";
            before = {};
        } else if (takes_next(word)) {
            before = word;
        } else if (drops_preload(word)) {
            found.loses_preload = true;
        } else if (word[0] != '-' && word.find('=') == std::string::npos) {
            found.interpreter = behind.split ? without_quotes(word) : word;
            found.searched = found.interpreter.find('/') == std::string::npos;
            found.dead_end = nullptr;
            return found;
        } else if (word[0] == '-' && word.find_first_of(" \t") < word.find_first_of("uC=")) {
            found.dead_end = refused;
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
    if (base_name(interpreter) == "env") return behind_env(trimmed(from(line, blank)));
    Shebang found{.interpreter = std::string{interpreter}};
    found.ends_in_return = blank != Bytes::npos && line.ends_with('\r');
    return found;
}

bool is_text(Bytes file) {
    return file.find('\0') == Bytes::npos && !file.starts_with(Bytes{"\x7f"
                                                                     "ELF"});
}

}  // namespace lastcall::command
