// Optimal string alignment on three rows.

#include "near_miss.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace lastcall::command {
namespace {

constexpr std::size_t longest = 64;  // nothing known is longer; what is typed may be

}  // namespace

std::size_t distance(Bytes a, Bytes b) {
    using Row = std::vector<std::size_t>;
    Row before(b.size() + 1);
    Row row(b.size() + 1);
    Row next(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        next[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            next[j] = std::min({row[j] + 1, next[j - 1] + 1, changed});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) next[j] = std::min(next[j], before[j - 2] + 1);
        }
        std::swap(before, row);
        std::swap(row, next);
    }
    return row[b.size()];
}

Bytes near_miss(Bytes typed, std::span<const Bytes> known) {
    if (typed.empty() || typed.size() > longest) return {};
    Bytes nearest;
    std::size_t least = std::max<std::size_t>(typed.size() / 3, 1) + 1;
    for (const Bytes word : known) {
        const bool begun = typed.size() > 1 && word.starts_with(typed);
        const std::size_t away = begun ? 0 : distance(typed, word);
        if (away >= least) continue;
        nearest = word;
        least = away;
    }
    return nearest;
}

}  // namespace lastcall::command
