// Will a preload work in this program, and why not: the judgement, as pure functions of facts that
// others gathered. Opens no file.
#pragma once

#include "elf.hpp"

#include <string>
#include <utility>
#include <vector>

namespace lastcall::command {

enum class Answer : std::uint8_t { works, caution, fails };

struct Finding {
    Answer answer;
    std::string text;
};
using Findings = std::vector<Finding>;

[[nodiscard]] inline Finding fails(std::string text) { return {Answer::fails, std::move(text)}; }
[[nodiscard]] inline Finding caution(std::string text) {
    return {Answer::caution, std::move(text)};
}
[[nodiscard]] inline Finding good(std::string text) { return {Answer::works, std::move(text)}; }

// The place where Go calls the kernel, as the program's code has it: there, or there in a way that
// is not known.
enum class GoSite : std::uint8_t { none, unknown, known };

struct GoCode {
    GoSite site = GoSite::none;
    bool has_note = true;  // Go's: the library, preloaded, knows the program by it
};

// What the file system says about a program beside its bytes.
struct Privileges {
    bool setuid = false;
    bool setgid = false;
    bool capabilities = false;
};

// What the libraries that a program needs add to it.
struct Needs {
    bool imports_accept = false;  // one of them, or the program
    std::string tls = {};         // the first that is a TLS library; empty: none
    std::string http2 = {};       // the first that speaks HTTP/2; empty: none
    std::vector<std::string> missing = {};
};

// The machine this command and its library were built for.
[[nodiscard]] std::uint16_t own_machine();

[[nodiscard]] Findings judge_elf(const Elf& elf, const GoCode& go = {});
// Of a program of Go's, which it is by its build information or by its code.
[[nodiscard]] Findings judge_go(const Elf& elf, const GoCode& go);
[[nodiscard]] Findings judge_privileges(const Privileges& privileges, bool has_loader = true);
[[nodiscard]] Findings judge_needs(const Elf& elf, const Needs& needs);

[[nodiscard]] Answer overall(const Findings& findings);

[[nodiscard]] bool is_tls_library(Bytes name);
[[nodiscard]] bool is_http2_library(Bytes name);

}  // namespace lastcall::command
