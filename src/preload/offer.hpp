// A write that is under way: what it has offered to the kernel, written down before the call. The
// kernel wakes the client before the call has returned; so the client may have asked again, and
// another thread be about to answer it, while the writer still waits for its processor. Whoever
// writes next does the book-keeping in its place, if the kernel's counts say that all has gone.
#pragma once

#include "calls.hpp"

#include <sys/socket.h>
#include <atomic>
#include <cstdint>

namespace lastcall {

// How the bytes of one call lie in the server's memory.
enum class Shape : std::uint8_t {
    bytes,     // so many of them
    list,      // so many iovecs
    message,   // a msghdr
    messages,  // so many mmsghdrs
    unseen,    // so many at most, which are in a file or a pipe
    batch      // the desk has planned them
};

struct Offered {
    Shape shape = Shape::bytes;
    const void* what = nullptr;
    std::size_t count = 0;

    // As Buffers::walk from the first byte on, for shapes that lie in the server's memory.
    template <typename Use>
    std::size_t walk(std::size_t limit, Use use) const {
        if (shape == Shape::bytes) {
            const Bytes only = first({static_cast<const char*>(what), count}, limit);
            return only.empty() ? 0 : use(only);
        }
        std::size_t sum = 0;
        for (std::size_t i = 0; i < lists() && sum < limit; ++i) {
            sum += list(i).walk(0, limit - sum, use);
        }
        return sum;
    }
    [[nodiscard]] std::size_t size() const {
        if (shape == Shape::bytes || shape == Shape::unseen) return count;
        std::size_t sum = 0;
        for (std::size_t i = 0; i < lists(); ++i) sum += list(i).size();
        return sum;
    }
    [[nodiscard]] std::size_t lists() const { return shape == Shape::messages ? count : 1; }
    [[nodiscard]] Buffers list(std::size_t i) const {
        if (shape == Shape::list) return {static_cast<const iovec*>(what), count};
        const msghdr& header = shape == Shape::message
                                   ? *static_cast<const msghdr*>(what)
                                   : static_cast<const mmsghdr*>(what)[i].msg_hdr;
        return {header.msg_iov, header.msg_iovlen};
    }
};

inline Offered offered_list(Buffers list) { return {Shape::list, list.parts, list.count}; }

class Offer {
public:
    // Which call of the connection's, the shape, and whether it is open.
    using Ticket = std::uint64_t;

    // A call has been written down, and not accounted for yet.
    [[nodiscard]] bool open() const { return (ticket_.load(std::memory_order_acquire) & 1) != 0; }
    // Before a call, if none is open. life: the generation, in the bits of a slot, where addresses
    // have none.
    [[nodiscard]] Ticket make(std::uint64_t life, Shape shape, const void* what,
                              std::size_t count) {
        what_.store(reinterpret_cast<std::uintptr_t>(what) | life, std::memory_order_relaxed);
        count_.store(count, std::memory_order_relaxed);
        const Ticket before = ticket_.load(std::memory_order_relaxed) | low_bits;
        const Ticket ticket = before + 2 + (static_cast<Ticket>(shape) << 1);
        ticket_.store(ticket, std::memory_order_release);
        return ticket;
    }

    // ---- with the direction claimed ----

    // The open call is one of this life, and not of a thread that came late to it.
    [[nodiscard]] bool is_of(std::uint64_t life) const {
        return open() && (what_.load(std::memory_order_relaxed) & lives) == life;
    }
    [[nodiscard]] Offered offered() const {
        const std::uint64_t what = what_.load(std::memory_order_relaxed) & ~lives;
        return {static_cast<Shape>(ticket_.load(std::memory_order_relaxed) >> 1 & 7),
                reinterpret_cast<const void*>(what), count_.load(std::memory_order_relaxed)};
    }
    // The call has returned. False: somebody else has accounted for it.
    [[nodiscard]] bool close(Ticket ticket) {
        if (ticket_.load(std::memory_order_relaxed) != ticket) return false;
        ticket_.store(ticket - 1, std::memory_order_release);
        return true;
    }
    // By somebody else.
    void settle() {
        ticket_.store(ticket_.load(std::memory_order_relaxed) - 1, std::memory_order_release);
    }
    void forget() { ticket_.store(0, std::memory_order_relaxed); }

private:
    static constexpr Ticket low_bits = 15;
    static constexpr std::uint64_t lives = std::uint64_t{0xffff} << 48;

    std::atomic<std::uint64_t> what_ = 0;
    std::atomic<std::size_t> count_ = 0;
    std::atomic<Ticket> ticket_ = 0;
};

}  // namespace lastcall
