// A table with open addressing, in which a removal closes the gap it leaves.

#include <lastcall/http2/streams.hpp>

namespace lastcall::http2 {

void Streams::open(std::uint32_t id) {
    const std::size_t at = find(id);
    if (entries_[at] != 0) return;
    if (count_ == most) {
        overflowed_ = true;
        return;
    }
    entries_[at] = key(id) << 2 | born(id);
    ++count_;
}

bool Streams::end(std::uint32_t id, State half) {
    const std::size_t at = find(id);
    std::uint32_t& entry = entries_[at];
    if (entry == 0) return false;
    const auto state = static_cast<State>(entry & 3);
    if (state == half) return true;
    if (state == both_open)
        entry = (entry & ~std::uint32_t{3}) | half;
    else if (state != pushed || half == server_ended)
        remove(at);
    return true;
}

bool Streams::reset(std::uint32_t id) {
    const std::size_t at = find(id);
    if (entries_[at] == 0) return false;
    remove(at);
    return true;
}

// Whatever follows without a gap moves up, unless it would stand before its own place.
void Streams::remove(std::size_t at) {
    --count_;
    std::size_t gap = at;
    for (std::size_t next = (at + 1) % size; entries_[next] != 0; next = (next + 1) % size) {
        const std::size_t home = (entries_[next] >> 2) % size;
        const std::size_t from_home = (next + size - home) % size;
        const std::size_t from_gap = (next + size - gap) % size;
        if (from_home < from_gap) continue;
        entries_[gap] = entries_[next];
        gap = next;
    }
    entries_[gap] = 0;
}

}  // namespace lastcall::http2
