// What an ELF file says about itself that decides whether a preload can work in it. Bytes in, facts
// out; any bytes at all, in time that grows with their number. Judges nothing.
#pragma once

#include <lastcall/bytes.hpp>

#include <string>
#include <vector>

namespace lastcall::command {

enum class Shape : std::uint8_t {
    program,        // or a shared object: 64-bit, least significant byte first
    not_elf,        // no magic
    other_class,    // 32-bit
    other_order,    // most significant byte first
    not_a_program,  // relocatable, core
    damaged         // truncated, or points outside of itself
};

struct Elf {
    Shape shape = Shape::not_elf;
    const char* damage = "";  // of a damaged one: what
    std::uint16_t machine = 0;
    std::string interpreter;  // PT_INTERP: the loader; empty: none
    std::vector<std::string> needed;
    std::string rpath;
    std::string runpath;
    bool imports_accept = false;  // or accept4
    bool exports_tls = false;     // SSL_read: an OpenSSL of its own that shows
    bool openssl_text = false;    // the version text of an OpenSSL of its own
    bool go = false;
    std::string go_version = {};  // where it is told, as in go1.19.8
};

class Image;

// Whether the file's own bytes are searched as well: for an OpenSSL, and for Go where no section
// tells. That takes time with its size.
enum class Reading : std::uint8_t { headers, whole };

[[nodiscard]] Elf read_elf(const Image& file, Reading reading = Reading::whole);
[[nodiscard]] Elf read_elf(Bytes file);

}  // namespace lastcall::command
