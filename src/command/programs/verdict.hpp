// Will a preload work in this program, and why not: the judgement, as pure functions of facts that
// others gathered. Opens no file.
#pragma once

#include "elf.hpp"

#include <string>
#include <utility>
#include <vector>

namespace lastcall::command {

enum class Answer : std::uint8_t { works, caution, fails };

// How much a reason to fail is true of: the program and what it starts, or itself alone; or it
// never comes to that.
enum class Extent : std::uint8_t { family, itself, does_not_start };

struct Finding {
    Answer answer;
    std::string text;
    Extent extent = Extent::family;  // of what fails
};
using Findings = std::vector<Finding>;

[[nodiscard]] inline Finding fails(std::string text) { return {Answer::fails, std::move(text)}; }
[[nodiscard]] inline Finding fails_itself(std::string text) {
    return {Answer::fails, std::move(text), Extent::itself};
}
[[nodiscard]] inline Finding does_not_start(std::string text) {
    return {Answer::fails, std::move(text), Extent::does_not_start};
}
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
    bool in_force = true;  // it would gain by them if it were started by who asks
};

// What a program is there for, as its name tells: tini, su and shells serve nobody.
enum class Role : std::uint8_t { serves, starts };

// What the libraries that a program needs add to it.
struct Needs {
    bool imports_accept = false;  // one of them, or the program
    std::string tls = {};         // the first that is a TLS library; empty: none
    std::string http2 = {};       // the first that speaks HTTP/2; empty: none
    std::vector<std::string> missing = {};
};

// The machine this command and its library were built for.
[[nodiscard]] std::uint16_t own_machine();

[[nodiscard]] Findings judge_elf(const Elf& elf, const GoCode& go = {}, Role role = Role::serves);
// Of a program of Go's, which it is by its build information or by its code.
[[nodiscard]] Findings judge_go(const Elf& elf, const GoCode& go);
[[nodiscard]] Findings judge_privileges(const Privileges& privileges, bool has_loader = true);
[[nodiscard]] Findings judge_needs(const Elf& elf, const Needs& needs);

// What is said of TLS, the same of any program: `seen` is what speaks it there, as far as is known.
[[nodiscard]] Finding about_tls(const std::string& seen);

// The finding in full, for people.
[[nodiscard]] std::string sentence(const Finding& finding);

[[nodiscard]] Answer overall(const Findings& findings);

[[nodiscard]] bool is_tls_library(Bytes name);
[[nodiscard]] bool is_http2_library(Bytes name);

}  // namespace lastcall::command
