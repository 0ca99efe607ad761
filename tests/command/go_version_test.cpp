// Claims about the version in Go's build information, as each Go wrote it, and spoiled.

#include "../../src/command/programs/elf_go.hpp"
#include "elf_file.hpp"

#include <doctest/doctest.h>

namespace lastcall::command {
namespace {

const std::string magic = std::string{"\xff Go build"} + "inf:";

// Since Go 1.18: flags, 16 bytes of nothing, the length and the text.
std::string inline_form(const std::string& version) {
    return magic + '\x08' + '\x02' + std::string(16, '\0') + static_cast<char>(version.size()) +
           version;
}

std::string word(std::uint64_t value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

// Before: the address of a pointer and a length. All lie in one piece, whose address is told.
std::string pointer_form(const std::string& version, std::uint64_t address) {
    const std::uint64_t string = address + 32;
    const std::uint64_t text = string + 16;
    return magic + '\x08' + '\0' + word(string) + word(0) + word(text) + word(version.size()) +
           version;
}

Elf read(const std::string& data) { return read_elf(ElfFile{{.data = data}}.bytes()); }

// Where a file's data lies, which is the same for all that have as much before it.
std::uint64_t data_address() {
    const ElfFile file{{.data = magic}};
    return ElfFile::base + file.bytes().find(magic);
}

TEST_SUITE("Go's version") {
    TEST_CASE("it is read as Go has written it since 1.18") {
        const Elf elf = read(inline_form("go1.19.8"));
        CHECK(elf.go);
        CHECK(elf.go_version == "go1.19.8");
        CHECK(read(inline_form("devel go1.28-abc")).go_version == "devel go1.28-abc");
    }

    TEST_CASE("it is read as Go wrote it before") {
        CHECK(read(pointer_form("go1.16.15", data_address())).go_version == "go1.16.15");
    }

    TEST_CASE("what is no version is none, and the program is Go's all the same") {
        for (const std::string text : {"", "1.19", "go1.19\x1b[2J", "go1\n"}) {
            const Elf elf = read(inline_form(text));
            CHECK(elf.go);
            CHECK(elf.go_version.empty());
        }
        std::string endless = inline_form("go1.19.8");
        endless[32] = '\xff';
        endless[33] = '\xff';
        CHECK(read(endless).go_version.empty());
        std::string other_order = inline_form("go1.19.8");
        other_order[15] = 1;
        CHECK(read(other_order).go_version.empty());
    }

    TEST_CASE("pointers that lead nowhere are survived") {
        for (const std::uint64_t place :
             {std::uint64_t{0}, ~std::uint64_t{0}, ElfFile::base, ElfFile::base + 1'000'000}) {
            std::string spoiled = pointer_form("go1.16", data_address());
            spoiled.replace(16, 8, word(place));
            CHECK(read(spoiled).go_version.empty());
            spoiled = pointer_form("go1.16", data_address());
            spoiled.replace(32, 8, word(place));
            CHECK(read(spoiled).go_version != "go1.16");
            spoiled = pointer_form("go1.16", data_address());
            spoiled.replace(40, 8, word(place | 1000));
            CHECK(read(spoiled).go_version.empty());
        }
    }

    TEST_CASE("cut off anywhere, or any byte of it changed, it is read without a fault") {
        for (const std::string& form :
             {inline_form("go1.19.8"), pointer_form("go1.16.15", data_address())}) {
            ElfFile file({.data = form});
            for (std::size_t size = 0; size <= file.bytes().size(); ++size) {
                const std::string part{first(file.bytes(), size)};  // its end is the heap's
                static_cast<void>(read_elf(part));
            }
            for (char& byte : file.spoiled()) {
                const char before = byte;
                for (const int value : {0, 1, 0x7f, 0x80, 0xff}) {
                    byte = static_cast<char>(value);
                    static_cast<void>(read_elf(file.bytes()));
                }
                byte = before;
            }
        }
    }
}

// ---- Verdicts ------------------------------------------------------------------------------

std::string all_texts(const Findings& findings) {
    std::string all;
    for (const Finding& finding : findings) all += finding.text + '\n';
    return all;
}

bool says(const Findings& findings, Bytes what) {
    return all_texts(findings).find(what) != std::string::npos;
}

const Elf dynamic_go = read(inline_form("go1.22.5"));
const Elf static_go = read_elf(
    ElfFile{{.interpreter = "", .needed = {}, .data = inline_form("go1.22.5"), .dynamic = false}}
        .bytes());

TEST_SUITE("verdict on Go") {
    TEST_CASE("a static one works by run, with a caution that names the way in") {
        const Findings findings = judge_elf(static_go, {GoSite::known, true});
        CHECK(overall(findings) == Answer::caution);
        CHECK(says(findings, "static Go program (go1.22.5)"));
        CHECK(says(findings, "LD_PRELOAD alone cannot reach it"));
        CHECK(says(findings, R"(command: ["lastcall", "run", "--")"));
        CHECK(says(findings, "docs/go.md"));
        CHECK(says(findings, "TLS"));
    }

    TEST_CASE("a dynamic one works by a preload alone if it has the note") {
        const Findings noted = judge_elf(dynamic_go, {GoSite::known, true});
        CHECK(overall(noted) == Answer::caution);
        CHECK(says(noted, "or LD_PRELOAD alone"));
        CHECK(says(judge_elf(dynamic_go, {GoSite::known, false}), "LASTCALL_GO=on"));
    }

    TEST_CASE("one of an unknown Go will not, and the known ones are named") {
        for (const GoSite site : {GoSite::none, GoSite::unknown}) {
            const Findings findings = judge_elf(static_go, {site, true});
            CHECK(overall(findings) == Answer::fails);
            CHECK(says(findings, "1.16 to 1.27"));
            CHECK(says(findings, "docs/go.md"));
        }
    }

    TEST_CASE("without build information it is known by its code") {
        const Elf bare =
            read_elf(ElfFile{{.interpreter = "", .needed = {}, .dynamic = false}}.bytes());
        CHECK(says(judge_elf(bare, {GoSite::known, false}), "it is a static Go program, patched"));
        CHECK(overall(judge_elf(bare, {GoSite::unknown, false})) == Answer::fails);
    }

    TEST_CASE("a privileged static one runs as if without") {
        const Findings findings = judge_privileges({.capabilities = true}, false);
        CHECK(overall(findings) == Answer::fails);
        CHECK(says(findings, "would take that from it"));
    }
}

}  // namespace
}  // namespace lastcall::command
