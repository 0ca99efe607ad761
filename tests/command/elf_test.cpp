// Claims about what is read from ELF files, whole and spoiled. The verdicts on them follow.

#include "elf_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

namespace lastcall::command {
namespace {

Elf read(const ElfSketch& sketch) { return read_elf(ElfFile{sketch}.bytes()); }

const std::string go_magic = std::string{"\xff Go build"} + "inf:";

TEST_SUITE("ELF file") {
    TEST_CASE("a dynamic program names its loader, its needs and its search path") {
        const Elf elf = read({.needed = {"libssl.so.3", "libc.so.6"}, .runpath = "$ORIGIN/../lib"});
        CHECK(elf.shape == Shape::program);
        CHECK(elf.interpreter == "/lib64/ld-linux-x86-64.so.2");
        CHECK(elf.needed == std::vector<std::string>{"libssl.so.3", "libc.so.6"});
        CHECK(elf.runpath == "$ORIGIN/../lib");
    }

    TEST_CASE("accept and accept4 are seen when asked for, not when offered") {
        CHECK(read({.imports = {"read", "accept"}}).imports_accept);
        CHECK(read({.imports = {"accept4"}}).imports_accept);
        CHECK_FALSE(read({.imports = {"accepted", "xaccept"}}).imports_accept);
        CHECK_FALSE(read({.exports = {"accept"}}).imports_accept);
    }

    TEST_CASE("an OpenSSL of its own is seen by its symbols or its version text") {
        CHECK(read({.exports = {"SSL_read"}}).exports_tls);
        CHECK_FALSE(read({.imports = {"SSL_read"}}).exports_tls);
        CHECK(read({.text = "..OpenSSL 3.0.15 3 Sep 2024"}).openssl_text);
        CHECK_FALSE(read({.text = "..OpenSSL is not here, OpenSSL"}).openssl_text);
    }

    TEST_CASE("Go is known by its build information where it can be written, and nowhere else") {
        CHECK(read({.data = go_magic}).go);
        CHECK_FALSE(read({.data = "x" + go_magic}).go);
        CHECK_FALSE(read({.text = go_magic}).go);
    }

    TEST_CASE("what is not ELF, or another class or order, is said to be") {
        CHECK(read_elf("").shape == Shape::not_elf);
        CHECK(read_elf("#!/bin/sh\n").shape == Shape::not_elf);
        CHECK(read_elf("\x7f"
                       "ELF")
                  .shape == Shape::not_elf);
        ElfFile file({});
        file.spoiled()[EI_CLASS] = ELFCLASS32;
        CHECK(read_elf(file.bytes()).shape == Shape::other_class);
        file.spoiled()[EI_DATA] = ELFDATA2MSB;
        CHECK(read_elf(file.bytes()).shape == Shape::other_order);
        file.spoiled()[EI_DATA] = 77;
        file.spoiled()[EI_CLASS] = 77;
        CHECK(read_elf(file.bytes()).shape == Shape::damaged);
    }

    TEST_CASE("an object file or a core dump is no program") {
        for (const int type : {ET_REL, ET_CORE, ET_NONE}) {
            ElfFile file({});
            Elf64_Ehdr header = file.header();
            header.e_type = static_cast<std::uint16_t>(type);
            file.put(0, header);
            CHECK(read_elf(file.bytes()).shape == Shape::not_a_program);
        }
    }

    TEST_CASE("cut off anywhere, it is read without a fault") {
        const ElfFile file({.imports = {"accept"}, .data = go_magic});
        for (std::size_t size = 0; size <= file.bytes().size(); ++size) {
            const std::string part{first(file.bytes(), size)};  // its end is the heap's
            const Elf elf = read_elf(part);
            CHECK(
                (size == file.bytes().size() || size > 1000 || elf.shape != Shape::not_a_program));
        }
    }

    TEST_CASE("any one byte of it changed, it is read without a fault") {
        ElfFile file({.imports = {"accept"}, .data = go_magic});
        for (char& byte : file.spoiled()) {
            const char before = byte;
            for (const int value : {0, 1, 0x7f, 0x80, 0xff}) {
                byte = static_cast<char>(value);
                static_cast<void>(judge_elf(read_elf(file.bytes())));
            }
            byte = before;
        }
        CHECK(read_elf(file.bytes()).imports_accept);
    }

    TEST_CASE("counts and places that lie are damage") {
        const auto spoiled = [](auto change) {
            ElfFile file({});
            Elf64_Ehdr header = file.header();
            change(header);
            file.put(0, header);
            return read_elf(file.bytes()).shape;
        };
        CHECK(spoiled([](Elf64_Ehdr& h) { h.e_phoff = ~0ULL; }) == Shape::damaged);
        CHECK(spoiled([](Elf64_Ehdr& h) { h.e_phoff = ~0ULL - 55; }) == Shape::damaged);
        CHECK(spoiled([](Elf64_Ehdr& h) { h.e_phnum = 0xffff; }) == Shape::damaged);
        CHECK(spoiled([](Elf64_Ehdr& h) { h.e_phnum = 0; }) == Shape::damaged);
        CHECK(spoiled([](Elf64_Ehdr& h) { h.e_phentsize = 1; }) == Shape::damaged);
        CHECK(spoiled([](Elf64_Ehdr& h) { h.e_shoff = ~0ULL - 8, h.e_shnum = 0xffff; }) ==
              Shape::program);
    }

    TEST_CASE("a loader's name without an end, or outside, is damage") {
        for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{3}, ~std::uint64_t{0}}) {
            ElfFile file({});
            Elf64_Phdr segment{};
            segment.p_type = PT_INTERP;
            segment.p_offset = sizeof(Elf64_Ehdr) + 5 * sizeof(Elf64_Phdr) + 8;
            segment.p_filesz = size;
            file.put(file.segment_place(0), segment);
            CHECK(read_elf(file.bytes()).shape == Shape::damaged);
        }
    }
}

// ---- Verdicts ------------------------------------------------------------------------------

std::string only_text(const Findings& findings) {
    REQUIRE(findings.size() == 1);
    return findings[0].text;
}

bool says(const Findings& findings, Bytes what) {
    return only_text(findings).find(what) != std::string::npos;
}

bool has(const Findings& findings, Bytes what) {
    return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
        return finding.text.find(what) != std::string::npos;
    });
}

TEST_SUITE("verdict") {
    TEST_CASE("a dynamic program works") {
        const Elf elf = read({.imports = {"accept"}});
        CHECK(judge_elf(elf).empty());
        CHECK(overall(judge_needs(elf, {.imports_accept = true})) == Answer::works);
        CHECK(overall({}) == Answer::works);
    }

    TEST_CASE("of a static program it is said that what it starts is followed") {
        const Findings found = judge_elf(read({.interpreter = "", .needed = {}, .dynamic = false}));
        REQUIRE(found.size() == 1);
        CHECK(found[0].extent == Extent::itself);
        CHECK(sentence(found[0]).ends_with("; what it starts is followed"));
        CHECK(sentence(fails("x")) == "x");
    }

    TEST_CASE("what only starts others need not be reached itself") {
        const Elf alone = read({.interpreter = "", .needed = {}, .dynamic = false});
        const Elf go = read({.interpreter = "", .data = go_magic});
        CHECK(overall(judge_elf(alone, {}, Role::starts)) == Answer::caution);
        CHECK(overall(judge_elf(go, {}, Role::starts)) == Answer::caution);
        const Elf library = read({.interpreter = ""});
        CHECK(overall(judge_elf(library, {}, Role::starts)) == Answer::fails);
    }

    TEST_CASE("a static program will not, nor static Go of a version that is not known") {
        const Findings alone = judge_elf(read({.interpreter = "", .needed = {}, .dynamic = false}));
        CHECK(says(alone, "static (no PT_INTERP)"));
        CHECK(overall(alone) == Answer::fails);
        const Findings go = judge_elf(read({.interpreter = "", .data = go_magic}));
        CHECK(overall(go) == Answer::fails);
        CHECK(go[0].text.find("static Go program") != std::string::npos);
        CHECK(says(judge_elf(read({.interpreter = ""})), "shared library"));
    }

    TEST_CASE("another machine, class or shape will not") {
        ElfFile file({});
        Elf64_Ehdr header = file.header();
        header.e_machine = EM_S390;
        file.put(0, header);
        CHECK(says(judge_elf(read_elf(file.bytes())), "S/390"));
        for (const Shape shape : {Shape::not_elf, Shape::other_class, Shape::other_order,
                                  Shape::not_a_program, Shape::damaged}) {
            Elf elf;
            elf.shape = shape;
            CHECK(overall(judge_elf(elf)) == Answer::fails);
        }
    }

    TEST_CASE("privileges that make the loader drop preloads will not") {
        CHECK(judge_privileges({}).empty());
        CHECK(says(judge_privileges({.setuid = true}), "setuid"));
        CHECK(says(judge_privileges({.setgid = true}), "setgid"));
        CHECK(says(judge_privileges({.capabilities = true}), "capabilities"));
        CHECK(overall(judge_privileges({.setuid = true})) == Answer::fails);
        CHECK(judge_privileges({.setuid = true})[0].extent == Extent::family);
        CHECK(overall(judge_privileges({.setuid = true, .in_force = false})) == Answer::caution);
    }

    TEST_CASE("a missing library and no accept are cautions") {
        const Elf elf = read({});
        CHECK(has(judge_needs(elf, {.missing = {"libx.so"}}), "libx.so"));
        const Findings none = judge_needs(elf, {});
        CHECK(has(none, "neither it nor a library"));
        CHECK(overall(none) == Answer::caution);
    }

    TEST_CASE("of TLS the same is said of all, and what is known of it") {
        const auto said = [](const ElfSketch& sketch, const std::string& linked) {
            return judge_needs(read(sketch), {.imports_accept = true, .tls = linked});
        };
        for (const Findings& findings :
             {said({}, ""), said({}, "libssl.so.3"), said({.exports = {"SSL_read"}}, "")}) {
            CHECK(says(findings, "connections over TLS that it ends itself"));
            CHECK(overall(findings) == Answer::works);
        }
        CHECK(says(said({}, "libssl.so.3"), "links libssl.so.3"));
        CHECK(says(said({.exports = {"SSL_read"}}, ""), "an OpenSSL of its own"));
        CHECK(says(said({}, ""), "none is seen"));
    }

    TEST_CASE("HTTP/2 is no caution, and said to be followed in clear text") {
        const Findings findings =
            judge_needs(read({}), {.imports_accept = true, .http2 = "libnghttp2.so.14"});
        CHECK(has(findings, "libnghttp2.so.14"));
        CHECK(has(findings, "in clear text, its clients"));
        CHECK(overall(findings) == Answer::works);
    }

    TEST_CASE("TLS libraries are known by the beginning of their names") {
        CHECK(is_tls_library("libssl.so.1.1"));
        CHECK(is_tls_library("libgnutls.so.30"));
        CHECK_FALSE(is_tls_library("libsslcommon.so"));
        CHECK_FALSE(is_tls_library("libcrypto.so.3"));
    }

    TEST_CASE("so are those of HTTP/2") {
        CHECK(is_http2_library("libnghttp2.so.14"));
        CHECK(is_http2_library("libgrpc.so.29"));
        CHECK_FALSE(is_http2_library("libnghttp3.so.9"));
    }
}

}  // namespace
}  // namespace lastcall::command
