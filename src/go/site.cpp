// No signature stands here in one piece, lest it be found in us.

#include "site.hpp"

#include <span>

namespace lastcall::go {
namespace {

using Byte = unsigned char;

// What stands at every site: syscall; cmp $-4095, %rax.
constexpr std::array<Byte, site_size> calls_kernel{0x0f, 0x05, 0x48, 0x3d, 0x01, 0xf0, 0xff, 0xff};

// What stands before it and behind it.
struct Signature {
    std::array<Byte, 35> before;
    std::size_t before_size;
    std::array<Byte, 7> behind;
    std::size_t behind_size;
};

// mov %rsi, %r10; mov %rdi, %rdx; mov %rcx, %rsi; mov %rbx, %rdi
constexpr Signature syscall6{
    {0x49, 0x89, 0xf2, 0x48, 0x89, 0xfa, 0x48, 0x89, 0xce, 0x48, 0x89, 0xdf}, 12, {}, 0};
// Up to Go 1.18 the words lie on the stack. Syscall, Syscall6 and RawSyscall, up to the jump behind
// the comparison, and what is stored if it is not taken.
constexpr Signature old_syscall{{0x48, 0x8b, 0x7c, 0x24, 0x10, 0x48, 0x8b, 0x74, 0x24, 0x18,
                                 0x48, 0x8b, 0x54, 0x24, 0x20, 0x48, 0x8b, 0x44, 0x24, 0x08},
                                20,
                                {0x76, 0x20, 0x48, 0xc7, 0x44, 0x24, 0x28},
                                7};
constexpr Signature old_syscall6{
    {0x48, 0x8b, 0x7c, 0x24, 0x10, 0x48, 0x8b, 0x74, 0x24, 0x18, 0x48, 0x8b,
     0x54, 0x24, 0x20, 0x4c, 0x8b, 0x54, 0x24, 0x28, 0x4c, 0x8b, 0x44, 0x24,
     0x30, 0x4c, 0x8b, 0x4c, 0x24, 0x38, 0x48, 0x8b, 0x44, 0x24, 0x08},
    35,
    {0x76, 0x20, 0x48, 0xc7, 0x44, 0x24, 0x40},
    7};
constexpr Signature old_raw_syscall{{0x48, 0x8b, 0x7c, 0x24, 0x10, 0x48, 0x8b, 0x74, 0x24, 0x18,
                                     0x48, 0x8b, 0x54, 0x24, 0x20, 0x48, 0x8b, 0x44, 0x24, 0x08},
                                    20,
                                    {0x76, 0x1b, 0x48, 0xc7, 0x44, 0x24, 0x28},
                                    7};

constexpr std::array signatures{&syscall6, &old_syscall, &old_syscall6, &old_raw_syscall};

bool same(Bytes bytes, std::size_t at, std::span<const Byte> pattern) {
    if (bytes.size() < at || bytes.size() - at < pattern.size()) return false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (static_cast<Byte>(bytes[at + i]) != pattern[i]) return false;
    }
    return true;
}

bool stands_around(Bytes segment, std::size_t site, const Signature& signature) {
    return site >= signature.before_size &&
           same(segment, site - signature.before_size,
                std::span(signature.before).first(signature.before_size)) &&
           same(segment, site + site_size,
                std::span(signature.behind).first(signature.behind_size));
}

// Sixteen places at once. A pair of these bytes is as rare in code as any.
using Block = unsigned char __attribute__((vector_size(16)));

Block block_at(const char* bytes) {
    Block block;
    __builtin_memcpy(&block, bytes, sizeof block);
    return block;
}

bool some_may_begin(const char* bytes) {
    const auto both =
        (block_at(bytes) == calls_kernel[0]) & (block_at(bytes + 1) == calls_kernel[1]);
    std::uint64_t halves[2];
    __builtin_memcpy(halves, &both, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

}  // namespace

void SiteSearch::look_at(Bytes segment, std::size_t at, std::uint64_t start) {
    if (!same(segment, at, calls_kernel)) return;
    for (std::size_t i = 0; i < signatures.size(); ++i) {
        if (!stands_around(segment, at, *signatures[i])) continue;
        seen_[i] = {start + at, seen_[i].count + 1};
    }
}

void SiteSearch::look_through(Bytes segment, std::uint64_t start) {
    constexpr std::size_t step = sizeof(Block);
    std::size_t at = 0;
    for (; segment.size() - at > step; at += step) {
        if (!some_may_begin(segment.data() + at)) continue;
        for (std::size_t i = 0; i < step; ++i) look_at(segment, at + i, start);
    }
    for (; at < segment.size(); ++at) look_at(segment, at, start);
}

bool SiteSearch::any() const {
    for (const Seen& seen : seen_) {
        if (seen.count != 0) return true;
    }
    return false;
}

Sites SiteSearch::found() const {
    const Seen& now = seen_[0];
    Sites sites;
    std::size_t old = 0;
    for (std::size_t i = 1; i < seen_.size(); ++i) {
        old += seen_[i].count;
        if (seen_[i].count == 1) sites.places[sites.count++] = seen_[i].place;
    }
    if (now.count == 1 && old == 0) return {{now.place}, 1};
    const bool all_once = sites.count == most_sites && old == most_sites;
    return now.count == 0 && all_once ? sites : Sites{};
}

bool is_untouched_site(Bytes bytes) { return same(bytes, 0, calls_kernel); }

}  // namespace lastcall::go
