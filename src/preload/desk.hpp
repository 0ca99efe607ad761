// Where a last response's head is worked on: the edit, and one batch of what to send in its place.
// Taken when the head begins and given back with the connection; too large for a server's stack.
#pragma once

#include <lastcall/responses.hpp>

#include "calls.hpp"

#include <array>
#include <atomic>

namespace lastcall {

struct Desk {
    // The state, as of the bytes accepted so far.
    CloseOption edit;
    std::size_t ahead = 0;  // bytes sent of what the next byte to be accepted brings about
    bool adding = false;    // they are the first of the close field
    bool proven = false;    // the output's position, before the last head's first byte

    // The batch, the state it was planned on, and the state as it would be if all of it were sent.
    Responses base;
    Responses trial;
    CloseOption trial_edit;
    Opaque trial_reason = Opaque::no;
    std::array<iovec, 128> parts;
    std::array<char, 2048> text;  // bytes that are not the server's own, or not where it put them
    std::size_t part_count = 0;
    std::size_t text_size = 0;

    // A write sends from the desk without any claim, so its thread sits down there, alone. Whoever
    // finds it sitting leaves the desk to it; the connection's next life leaves it for good.
    [[nodiscard]] bool sit_down(std::int32_t thread) {
        std::int32_t nobody = 0;
        return writer_.compare_exchange_strong(nobody, thread, std::memory_order_acquire);
    }
    // The thread that sits there; 0: nobody.
    [[nodiscard]] std::int32_t writer() const {
        const std::int32_t writer = writer_.load(std::memory_order_acquire);
        return writer < 0 ? -writer : writer;
    }
    // False if nobody sits there.
    [[nodiscard]] bool leave_to_write() {
        std::int32_t writer = writer_.load(std::memory_order_acquire);
        return writer > 0 && writer_.compare_exchange_strong(writer, -writer);
    }
    // True: the desk is the write's own by now, and to be given back.
    [[nodiscard]] bool stand_up() { return writer_.exchange(0, std::memory_order_acq_rel) < 0; }

    std::uint32_t index = 0;  // in the pool
    std::atomic<std::uint32_t> next_free = 0;

    // Plans what to send for the bytes offered, from `start`: as much as the batch has room for.
    // None at `look` or behind it is looked into; those that only count may be planned. Returns how
    // many bytes that is.
    [[nodiscard]] std::size_t plan(const Responses& now, const Exchanges& exchanges,
                                   Buffers offered, std::size_t start,
                                   std::size_t look = Buffers::all);
    [[nodiscard]] std::size_t size() const { return Buffers{parts.data(), part_count}.size(); }

    // Of the `planned` bytes' batch the kernel took `sent`: moves the state on to there. Returns
    // the bytes accepted: those whose whole effect has been sent.
    struct Accepted {
        std::size_t size = 0;
        Opaque reason = Opaque::no;
    };
    [[nodiscard]] Accepted commit(Responses& now, const Exchanges& exchanges, Buffers offered,
                                  std::size_t start, std::size_t planned, std::size_t sent);

private:
    void add(Bytes bytes);
    void add_text(Bytes bytes);
    [[nodiscard]] bool has_room() const;

    std::atomic<std::int32_t> writer_ = 0;  // negative: the desk is its own
};

inline void clear(Desk& desk) {
    desk.edit = {};
    desk.ahead = 0;
    desk.adding = false;
    desk.proven = false;
}

}  // namespace lastcall
