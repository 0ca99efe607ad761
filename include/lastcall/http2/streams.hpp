// The streams that are open, by their ids, and which half of each has ended. As many as servers
// allow at once; with more, it says so and knows nothing for sure any more. (RFC 9113 5.1)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace lastcall::http2 {

class Streams {
public:
    static constexpr std::size_t most = 112;

    // By the client, whose ids are odd.
    void open(std::uint32_t id) {
        const std::size_t at = find(id);
        if (entries_[at] != 0) return;
        if (count_ == most) [[unlikely]] {
            overflowed_ = true;
            return;
        }
        entries_[at] = key(id) << 2 | both_open;
        ++count_;
    }
    // Ends for one side; the stream is closed with the second. False: it was not open.
    bool end_client(std::uint32_t id) { return end(id, client_ended); }
    bool end_server(std::uint32_t id) { return end(id, server_ended); }
    // Closes at once.
    bool reset(std::uint32_t id);

    [[nodiscard]] bool has(std::uint32_t id) const { return entries_[find(id)] != 0; }
    // None is open, for sure.
    [[nodiscard]] bool none() const { return count_ == 0 && !overflowed_; }
    [[nodiscard]] bool overflowed() const { return overflowed_; }

private:
    // An id without its lowest bit, and this; an entry is never 0.
    enum State : std::uint32_t { both_open = 1, client_ended, server_ended };
    static constexpr std::size_t size = 128;

    static std::uint32_t key(std::uint32_t id) { return id >> 1; }
    static bool means(std::uint32_t entry, std::uint32_t id) { return entry >> 2 == key(id); }
    // Where it is, or the empty place where it would be. Ids follow each other, and so do their
    // places.
    [[nodiscard]] std::size_t find(std::uint32_t id) const {
        std::size_t at = key(id) % size;
        while (entries_[at] != 0 && !means(entries_[at], id)) at = (at + 1) % size;
        return at;
    }
    bool end(std::uint32_t id, State half) {
        const std::size_t at = find(id);
        std::uint32_t& entry = entries_[at];
        if (entry == 0) return false;
        const auto state = static_cast<State>(entry & 3);
        if (state == both_open)
            entry = (entry & ~std::uint32_t{3}) | half;
        else if (state != half)
            remove(at);
        return true;
    }
    void remove(std::size_t at) {
        --count_;
        entries_[at] = 0;
        if (entries_[(at + 1) % size] != 0) close_gap(at);
    }
    void close_gap(std::size_t gap);

    std::array<std::uint32_t, size> entries_{};
    std::uint16_t count_ = 0;
    bool overflowed_ = false;
};

}  // namespace lastcall::http2
