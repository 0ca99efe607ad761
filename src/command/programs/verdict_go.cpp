// The verdict on Go programs, in the words of someone who has one and wants to know what to do.

#include "verdict.hpp"

#include <elf.h>

namespace lastcall::command {
namespace {

std::string named(const Elf& elf) {
    const std::string version = elf.go_version.empty() ? "" : " (" + elf.go_version + ")";
    return std::string{elf.interpreter.empty() ? "a static" : "a dynamic"} + " Go program" +
           version;
}

Finding with_source() {
    return good("with its source at hand, twelve lines of net/http do the same: docs/go.md");
}

Finding way_in(const Elf& elf, const GoCode& go) {
    const std::string patched = ", patched in memory at its start";
    if (elf.interpreter.empty()) {
        return caution("it is " + named(elf) + patched +
                       " by `lastcall run`; LD_PRELOAD alone cannot reach it. In Kubernetes: "
                       "command: [\"lastcall\", \"run\", \"--\", \"PROGRAM\", ...]");
    }
    if (!go.has_note) {
        return caution("it is " + named(elf) + patched +
                       " by `lastcall run`, or by LD_PRELOAD with LASTCALL_GO=on: it lacks the "
                       "note by which Go programs are known");
    }
    return caution("it is " + named(elf) + patched + ", by `lastcall run` or LD_PRELOAD alone");
}

Finding not_known(const Elf& elf) {
    return fails_itself(
        "it is " + named(elf) +
        ", and the place where Go calls the kernel does not stand in it once, as it does "
        "in Go 1.16 to 1.27, and in later ones while its bytes stay the same");
}

}  // namespace

Findings judge_go(const Elf& elf, const GoCode& go) {
    if (go.site != GoSite::known) return {not_known(elf), with_source()};
    Findings findings{way_in(elf, go)};
    if (elf.machine == EM_AARCH64) {
        findings.push_back(
            caution("on aarch64 `lastcall run` follows it only with LASTCALL_GO=on, until that "
                    "has been seen on more machines"));
    }
    findings.push_back(about_tls("Go has one of its own"));
    findings.push_back(with_source());
    return findings;
}

}  // namespace lastcall::command
