// Where Go calls the kernel. All of Go's input and output passes one instruction, in Syscall6; its
// first bytes have been the same since Go 1.19, and stand once in every Go program and in nothing
// else. Up to 1.18 there were three such places. Knows bytes, each machine's in a file of its own;
// opens no file, asks no symbol table: stripped programs have none.
//
// What this folder knows besides: guest/ is the guest inside a Go program (the trampoline, the
// stacks it lends, the few functions of libc that the guest needs), launch/ the one who puts it
// there. It refuses to know HTTP, and Go itself: no structure, no symbol, no version of Go's is
// relied upon, nor its thread register; only what the system call instruction promises everybody.
#pragma once

#include <lastcall/bytes.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace lastcall::go {

inline constexpr std::size_t most_sites = 3;

// Where the instruction stands that calls the kernel, in a program's bytes.
struct Sites {
    std::array<std::uint64_t, most_sites> places{};
    std::size_t count = 0;
};

// Looks through a program's executable segments, one after the other.
class SiteSearch {
public:
    // start: the address of the first byte; places are told as addresses.
    void look_through(Bytes segment, std::uint64_t start);

    // All the sites of one kind of Go, each of them seen once. None: it is no Go program, or one
    // that is not known, or has been changed.
    [[nodiscard]] Sites found() const;
    // Was anything seen at all that is Go's?
    [[nodiscard]] bool any() const;

private:
    void look_at(Bytes segment, std::size_t at, std::uint64_t start);

    struct Seen {
        std::uint64_t place = 0;
        std::uint32_t count = 0;
    };
    std::array<Seen, 1 + most_sites> seen_{};  // by signature
};

// The instruction and the comparison behind it. A jump takes the place of the one or of both.
inline constexpr std::size_t site_size = 8;
// The bytes at a site as Go compiled them.
[[nodiscard]] bool is_untouched_site(Bytes bytes);

}  // namespace lastcall::go
