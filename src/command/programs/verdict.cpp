// Each finding is a sentence that an operator can act on.

#include "verdict.hpp"

#include "../text.hpp"

#include <elf.h>
#include <algorithm>
#include <array>
#include <span>

namespace lastcall::command {
namespace {

std::string machine_name(std::uint16_t machine) {
    switch (machine) {
        case EM_X86_64: return "x86-64";
        case EM_AARCH64: return "aarch64";
        case EM_RISCV: return "RISC-V";
        case EM_PPC64: return "POWER";
        case EM_S390: return "S/390";
        default: return "machine type " + std::to_string(machine);
    }
}

// Whatever its version.
bool is_one_of(std::span<const Bytes> libraries, Bytes name) {
    return std::any_of(libraries.begin(), libraries.end(),
                       [&](Bytes library) { return name.starts_with(library); });
}

// Static: neither a loader runs in it, nor need it be reached.
Finding of_a_starter() {
    return caution("it is static, so it is not followed itself; what it starts is");
}

Findings judge_program(const Elf& elf, const GoCode& go, Role role) {
    if (elf.machine != own_machine()) {
        return {fails("it is for " + machine_name(elf.machine) + ", this lastcall for " +
                      machine_name(own_machine()))};
    }
    const bool is_go = elf.go || go.site != GoSite::none;
    if (role == Role::starts && elf.interpreter.empty() && (is_go || elf.needed.empty())) {
        return {of_a_starter()};
    }
    if (is_go) return judge_go(elf, go);
    if (!elf.interpreter.empty()) return {};
    if (!elf.needed.empty()) return {fails("it is a shared library, not a program (no PT_INTERP)")};
    return {
        fails_itself("it is static (no PT_INTERP): no loader runs that could preload anything")};
}

std::string seen_tls(const Elf& elf, const Needs& needs) {
    if (!needs.tls.empty()) return "it links " + needs.tls;
    if (elf.exports_tls || elf.openssl_text) return "it has an OpenSSL of its own";
    return "none is seen in it; it may load one later, as a module";
}

}  // namespace

std::uint16_t own_machine() {
#ifdef __aarch64__
    return EM_AARCH64;
#else
    return EM_X86_64;
#endif
}

Findings judge_elf(const Elf& elf, const GoCode& go, Role role) {
    switch (elf.shape) {
        case Shape::program: return judge_program(elf, go, role);
        case Shape::not_elf: return {fails("it is neither an ELF file nor a script")};
        case Shape::other_class:
            return {fails_itself("it is a 32-bit program, lastcall is 64-bit")};
        case Shape::other_order:
            return {fails("it is for a machine that stores the most significant byte first")};
        case Shape::not_a_program:
            return {fails("it is an ELF file, but no program (an object file or a core dump)")};
        case Shape::damaged: return {fails(std::string{"it is a damaged ELF file: "} + elf.damage)};
    }
    return {};
}

Findings judge_privileges(const Privileges& privileges, bool has_loader) {
    const auto judged = [&](const char* what) {
        const std::string it_is = std::string{"it "} + what;
        if (!privileges.in_force) {
            return caution(it_is +
                           ", by which it gains nothing if started from here, so it is followed; "
                           "where it does gain, LD_PRELOAD is dropped without a word");
        }
        return fails(it_is + (has_loader
                                  ? ": started from here, the loader drops LD_PRELOAD without a "
                                    "word, as a rule from what it starts, too"
                                  : ": brought into it, lastcall would take that from it"));
    };
    Findings findings;
    if (privileges.setuid) findings.push_back(judged("is setuid"));
    if (privileges.setgid) findings.push_back(judged("is setgid"));
    if (privileges.capabilities) findings.push_back(judged("has file capabilities"));
    return findings;
}

Findings judge_needs(const Elf& elf, const Needs& needs) {
    Findings findings;
    findings.push_back(about_tls(seen_tls(elf, needs)));
    if (!needs.http2.empty()) {
        findings.push_back(
            good("it can speak HTTP/2 (" + needs.http2 +
                 "): in clear text, its clients are told to go by GOAWAY; over TLS nothing can be "
                 "done"));
    }
    if (!needs.missing.empty()) {
        findings.push_back(caution("a library it needs was not found: " + needs.missing[0]));
    } else if (!needs.imports_accept) {
        findings.push_back(
            caution("neither it nor a library it needs imports accept or accept4: it "
                    "may load its socket code later, or not be a server"));
    }
    return findings;
}

Finding about_tls(const std::string& seen) {
    return good("connections over TLS that it ends itself (" + seen +
                ") are left alone; HTTP/1.1 and HTTP/2 in clear text are followed");
}

std::string sentence(const Finding& finding) {
    return finding.text + (finding.extent == Extent::itself ? "; what it starts is followed" : "");
}

Answer overall(const Findings& findings) {
    Answer worst = Answer::works;
    for (const Finding& finding : findings) worst = std::max(worst, finding.answer);
    return worst;
}

bool is_tls_library(Bytes name) {
    constexpr std::array<Bytes, 6> known{"libssl.so",     "libssl3.so",    "libgnutls.so",
                                         "libmbedtls.so", "libwolfssl.so", "libs2n.so"};
    return is_one_of(known, name);
}

bool is_http2_library(Bytes name) {
    constexpr std::array<Bytes, 3> known{"libnghttp2.so", "libgrpc.so", "libgrpc_unsecure.so"};
    return is_one_of(known, name);
}

}  // namespace lastcall::command
