// Where a last response's head is worked on: the edit, and one batch of what to send in its place.
// Taken when the head begins and given back when all of it has been sent; too large for a server's
// stack.
#pragma once

#include <lastcall/http1/responses.hpp>

#include "../calls.hpp"

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
    std::size_t reasoned = 0;     // bytes offered up to there
    std::array<char, 2048> text;  // bytes that are not the server's own, or not where it put them
    std::size_t part_count = 0;
    std::size_t text_size = 0;
    Buffers offered;  // what the batch is of, and from where on
    std::size_t start = 0;
    std::size_t stepped = 0;  // bytes offered that the trial has been through
    std::size_t head = 0;     // bytes of the batch that those are
    std::size_t content = 0;  // bytes behind the last head, of which only the kernel has seen any
    std::size_t dropped = 0;  // and behind the last response: they go nowhere

    // A write sends from the desk without any claim, so its thread sits down there, alone. Whoever
    // finds it sitting leaves the desk to it; the connection's next life leaves it for good, and so
    // does a write that has seen its whole batch go.
    [[nodiscard]] bool sit_down(std::int32_t thread) {
        std::int32_t nobody = 0;
        return writer_.compare_exchange_strong(nobody, thread, std::memory_order_acquire);
    }
    [[nodiscard]] bool is_left() const { return writer_.load(std::memory_order_acquire) < 0; }
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
    // None at `look` or behind it is looked into; those that only count may be planned, and so may
    // all that is behind the last head. Returns how many bytes that is.
    [[nodiscard]] std::size_t plan(const Responses& now, const Exchanges& exchanges,
                                   Buffers offered, std::size_t start,
                                   std::size_t look = Buffers::all);
    [[nodiscard]] std::size_t planned() const { return stepped + content + dropped; }
    [[nodiscard]] std::size_t size() const { return Buffers{parts.data(), part_count}.size(); }
    // Is the response over once the batch has been sent, as far as its content need not be seen?
    [[nodiscard]] bool ends(const Exchanges& exchanges) const {
        return trial.over_with(content, exchanges);
    }

    // Of the batch the kernel took `sent` bytes: moves the state on to there. Returns the bytes
    // accepted: those whose whole effect has been sent.
    struct Accepted {
        std::size_t size = 0;
        Opaque reason = Opaque::no;
        std::size_t behind = 0;  // of them, bytes behind those that gave the reason
    };
    [[nodiscard]] Accepted commit(Responses& now, const Exchanges& exchanges, std::size_t sent);

private:
    void step(const Exchanges& exchanges, std::size_t look);
    void add_content(const Exchanges& exchanges);
    void add(Bytes bytes);
    void add_text(Bytes bytes);
    [[nodiscard]] bool has_room() const;
    [[nodiscard]] Accepted commit_all(Responses& now, const Exchanges& exchanges,
                                      std::size_t sent_content);
    [[nodiscard]] Accepted commit_some(Responses& now, const Exchanges& exchanges,
                                       std::size_t sent);

    std::atomic<std::int32_t> writer_ = 0;  // negative: the desk is its own

public:
    // Last, so that the pages of those that are never needed are never touched: as many as the
    // kernel takes, which are the server's at most (IOV_MAX).
    std::array<iovec, 1024> parts;
};

// The state of another one, for whoever goes on from it.
inline void go_on(Desk& desk, const Desk& from) {
    desk.edit = from.edit;
    desk.ahead = from.ahead;
    desk.adding = from.adding;
    desk.proven = from.proven;
}

inline void clear(Desk& desk) {
    desk.edit = {};
    desk.ahead = 0;
    desk.adding = false;
    desk.proven = false;
}

}  // namespace lastcall
