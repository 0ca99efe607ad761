// A connection as the guest knows it: the conversation, the two ledgers (bytes taken by reads,
// bytes sent by the kernel), its identity in the kernel, and who is at work on it.
// Each direction may be in use by one thread; the fields of a direction are touched only between
// claim and release of that direction, which is never held across a call that may block.
#pragma once

#include <lastcall/requests.hpp>
#include <lastcall/responses.hpp>

#include <atomic>

namespace lastcall {

struct Desk;

// One direction's claim and its calls in flight. A claim names the connection's generation, so
// whoever comes late to a connection that has been reborn in the same memory fails to claim it.
class Direction {
public:
    [[nodiscard]] bool claim(std::uint16_t generation) {
        std::uint32_t free = word(generation);
        return claim_.compare_exchange_strong(free, free | busy, std::memory_order_acquire,
                                              std::memory_order_relaxed);
    }
    void release(std::uint16_t generation) {
        claim_.store(word(generation), std::memory_order_release);
    }
    [[nodiscard]] bool claimed() const {
        return (claim_.load(std::memory_order_acquire) & busy) != 0;
    }
    // Takes the direction for the next generation, claimed; fails if it is claimed already.
    [[nodiscard]] bool renew(std::uint16_t generation) {
        std::uint32_t now = claim_.load(std::memory_order_relaxed);
        return (now & busy) == 0 && claim_.compare_exchange_strong(now, word(generation) | busy,
                                                                   std::memory_order_acquire);
    }

    // Calls in flight, counted without atomic additions: two that race are caught as an overlap,
    // or as one that never finishes, and either way the connection is let go of.
    [[nodiscard]] std::uint16_t begin_call() {
        const auto ticket = static_cast<std::uint16_t>(load(begun_) + 1);
        begun_.store(ticket, std::memory_order_relaxed);
        return ticket;
    }
    [[nodiscard]] bool alone(std::uint16_t ticket) const {
        return load(begun_) == ticket && static_cast<std::uint16_t>(load(ended_) + 1) == ticket;
    }
    // In time, for a thread that has the claim.
    void end_claimed_call() {
        ended_.store(static_cast<std::uint16_t>(load(ended_) + 1), std::memory_order_release);
    }
    // Not counted if the connection has died meanwhile: its successor's calls are not ours.
    void end_call(std::uint16_t generation) {
        if (claim_.load(std::memory_order_relaxed) >> 1 != generation) return;
        ended_.store(static_cast<std::uint16_t>(load(ended_) + 1), std::memory_order_release);
    }
    [[nodiscard]] bool ever_called() const { return load(begun_) != 0; }
    // What a call has counted is seen by whoever sees that it has ended.
    [[nodiscard]] bool in_flight() const {
        return ended_.load(std::memory_order_acquire) != load(begun_);
    }
    void forget_calls() {
        begun_.store(0, std::memory_order_relaxed);
        ended_.store(0, std::memory_order_relaxed);
    }

private:
    using Count = std::atomic<std::uint16_t>;
    static constexpr std::uint32_t busy = 1;

    static std::uint32_t word(std::uint16_t generation) { return std::uint32_t{generation} << 1; }
    static std::uint16_t load(const Count& count) { return count.load(std::memory_order_relaxed); }

    std::atomic<std::uint32_t> claim_ = 0;
    Count begun_ = 0;
    Count ended_ = 0;
};

struct Connection {
    // What the reader's thread touches lies on lines of its own, and so does what the writer's
    // does; behind that comes what both do, and what is rarely touched.
    alignas(64) Direction in;
    std::atomic<std::uint64_t> taken = 0;  // bytes that reads took out of the socket
    Requests requests;
    bool granted = false;                 // bytes behind the last request were proven to be that
    std::atomic<bool> discarded = false;  // some have been

    alignas(64) Direction out;
    std::atomic<std::uint64_t> sent = 0;  // bytes the kernel took
    Responses responses;
    std::atomic<Desk*> desk = nullptr;  // while the last head is on its way

    Exchanges exchanges;
    std::atomic<std::uint64_t> identity = 0;   // of the socket, at birth
    std::atomic<std::uint32_t> aliases = 0;    // descriptors that mean this connection
    std::atomic<std::uint32_t> counted = 0;    // exchanges that are on the status page already
    std::atomic<bool> read_from = false;       // and so counted as a connection there
    std::atomic<std::uint32_t> place = 0;      // of the process there that has it open; 0: none
    std::uint32_t index = 0;                   // in the pool
    std::atomic<std::uint32_t> next_free = 0;  // in the pool's list
    std::atomic<std::uint16_t> generation = 0;
    std::atomic<Opaque> opaque = Opaque::no;
    std::atomic<bool> input_over = false;   // the last request has been delivered
    std::atomic<bool> said_close = false;   // the last head has been sent
    std::atomic<bool> torn_down = false;    // we have half-closed
    std::atomic<bool> woken = false;        // input has been shut here: reads end without a FIN
    std::atomic<bool> ended = false;        // a read behind the last request has found the end
    std::atomic<std::int32_t> process = 0;  // the process that last used it

    [[nodiscard]] bool followed() const {
        return opaque.load(std::memory_order_relaxed) == Opaque::no;
    }
    // Once bytes of the client are gone, or it has been told that there will be no more exchanges,
    // the server of an opaque connection must not be given what comes then. Must its reads end? Not
    // behind a last request that is being answered, nor behind a last response: a server that
    // closed for it would have the rest of the response destroyed by a reset. Whoever changes one
    // of the facts asks afterwards, so that of two threads one sees both.
    [[nodiscard]] bool cut() const {
        if (opaque.load() == Opaque::no) return false;
        return said_close.load() ? !over_or_torn_down() : discarded.load();
    }
    // Is what comes thrown away, since the client has been told to go? (Of its own socket; a number
    // may have passed to another, and the connection still have other names.)
    [[nodiscard]] bool lingers() const {
        return opaque.load() != Opaque::no && said_close.load() && over_or_torn_down();
    }
    [[nodiscard]] bool over_or_torn_down() const { return input_over.load() || torn_down.load(); }
    // The one-way door; the first reason stays.
    [[gnu::cold]] void turn_opaque(Opaque reason);
};

}  // namespace lastcall
