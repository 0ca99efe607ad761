// A table with open addressing, in which a removal closes the gap it leaves.

#include <lastcall/http2/streams.hpp>

namespace lastcall::http2 {

bool Streams::reset(std::uint32_t id) {
    const std::size_t at = find(id);
    if (entries_[at] == 0) return false;
    remove(at);
    return true;
}

// Whatever follows without a gap moves up, unless it would stand before its own place.
void Streams::close_gap(std::size_t gap) {
    for (std::size_t next = (gap + 1) % size; entries_[next] != 0; next = (next + 1) % size) {
        const std::size_t home = (entries_[next] >> 2) % size;
        const std::size_t from_home = (next + size - home) % size;
        const std::size_t from_gap = (next + size - gap) % size;
        if (from_home < from_gap) continue;
        entries_[gap] = entries_[next];
        entries_[next] = 0;
        gap = next;
    }
}

}  // namespace lastcall::http2
