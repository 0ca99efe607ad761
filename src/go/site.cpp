// The search for what one of the two headers says, by the machine that this is compiled for.

#include "site.hpp"

#if defined(__x86_64__)
#include "site_x86_64.hpp"
#elif defined(__aarch64__)
#include "site_aarch64.hpp"
#else
#error "Go is known on x86-64 and aarch64 only"
#endif

#include <span>

namespace lastcall::go {
namespace {

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

// Sixteen places at once, by the pair.
using Block = unsigned char __attribute__((vector_size(16)));

Block block_at(const char* bytes) {
    Block block;
    __builtin_memcpy(&block, bytes, sizeof block);
    return block;
}

bool some_may_begin(const char* bytes) {
    const auto both = (block_at(bytes + rare_pair) == calls_kernel[rare_pair]) &
                      (block_at(bytes + rare_pair + 1) == calls_kernel[rare_pair + 1]);
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
    for (; segment.size() - at > step + rare_pair; at += step) {
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
    constexpr std::size_t all_old = signatures.size() - 1;
    const bool all_once = sites.count == all_old && old == all_old;
    return now.count == 0 && all_once ? sites : Sites{};
}

bool is_untouched_site(Bytes bytes) { return same(bytes, 0, calls_kernel); }

}  // namespace lastcall::go
