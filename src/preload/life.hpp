// What is true of one life of a connection. Each word holds the life's generation beside it, so a
// thread that comes late to memory in which another connection lives by now can neither state a
// fact of it, nor raise or drop its count. No claim is needed here, and none is known.
#pragma once

#include <lastcall/progress.hpp>

#include <atomic>

namespace lastcall {

// Stated once in a life, and never taken back but for one: the last request may turn out not to be.
enum class Fact : std::uint32_t {
    input_over = 1U << 5,  // the last request has been delivered
    discarded = 1U << 6,   // bytes behind it are gone for good
    said_close = 1U << 7,  // the last head has been sent
    answered = 1U << 8,    // and all of its response
    torn_down = 1U << 9,   // we have half-closed
    woken = 1U << 10,      // input has been shut here: reads end without a FIN
    ended = 1U << 11,      // a read behind the last request, or of HTTP/2, has found the end
    endless = 1U << 12,    // or it has no end that could be told
    waited = 1U << 13,     // a thread that waits for several things has waited here
    counted = 1U << 14,    // on the status page, as a connection
    disorderly = 1U << 15  // two reads were accounted for in an unknown order
};

// All of them, as they were at one moment.
class Facts {
public:
    static constexpr std::uint32_t reasons = 31;

    constexpr explicit Facts(std::uint32_t word) : word_(word) {}

    [[nodiscard]] constexpr Opaque opaque() const { return static_cast<Opaque>(word_ & reasons); }
    // As HTTP/1.1; all that is of no other protocol asks for this, and so leaves the others alone.
    [[nodiscard]] constexpr bool followed() const { return (word_ & reasons) == 0; }
    // As frames, which is not opaque either; until we end it.
    [[nodiscard]] constexpr bool speaks_http2() const {
        return opaque() == Opaque::http2 && !is(Fact::torn_down);
    }
    [[nodiscard]] constexpr bool is(Fact fact) const {
        return (word_ & static_cast<std::uint32_t>(fact)) != 0;
    }
    // Opaque, or behind its last request.
    [[nodiscard]] constexpr bool special_to_reads() const {
        return (word_ & (reasons | static_cast<std::uint32_t>(Fact::input_over))) != 0;
    }

    // Once bytes of the client are gone, or it has been told that there will be no more exchanges,
    // the server of an opaque connection must not be given what comes then. Must its reads end? Not
    // behind a last request that is being answered, nor behind a last response: a server that
    // closed for it would have the rest of the response destroyed by a reset.
    [[nodiscard]] constexpr bool cut() const {
        if (followed()) return false;
        return is(Fact::said_close) ? !over_or_torn_down() : is(Fact::discarded);
    }
    // Is what comes thrown away, since the client has been told to go? (Of its own socket; a number
    // may have passed to another, and the connection still have other names.)
    [[nodiscard]] constexpr bool lingers() const {
        return !followed() && is(Fact::said_close) && over_or_torn_down();
    }
    // Would the server find bytes here, if they had not been thrown away? Then it must not take the
    // end of the input for its client's leaving, which is owed a response still.
    [[nodiscard]] constexpr bool hides_end() const {
        return followed() && is(Fact::discarded) && !is(Fact::answered) && !is(Fact::endless);
    }

private:
    [[nodiscard]] constexpr bool over_or_torn_down() const {
        return is(Fact::input_over) || is(Fact::torn_down);
    }
    std::uint32_t word_;
};

class Life {
public:
    [[nodiscard]] Facts facts() const { return Facts(word_.load(std::memory_order_acquire)); }
    // Of one life; of another than this one, that it is nothing to us any more.
    [[nodiscard]] Facts facts(std::uint16_t generation) const {
        constexpr auto gone = static_cast<std::uint32_t>(Opaque::another_socket);
        const std::uint32_t word = word_.load(std::memory_order_acquire);
        return Facts(word >> 16 == generation ? word : gone);
    }
    [[nodiscard]] std::uint16_t generation() const {
        return static_cast<std::uint16_t>(word_.load(std::memory_order_relaxed) >> 16);
    }

    // False if it was stated before, or this life is over.
    bool state(std::uint16_t generation, Fact fact) {
        return change(generation, static_cast<std::uint32_t>(fact),
                      static_cast<std::uint32_t>(fact));
    }
    // Two at once: nobody sees the one without the other. False if the first was stated before.
    bool state(std::uint16_t generation, Fact fact, Fact other) {
        const auto bit = static_cast<std::uint32_t>(fact);
        return change(generation, bit, bit | static_cast<std::uint32_t>(other));
    }
    void retract(std::uint16_t generation, Fact fact) {
        std::uint32_t now = word_.load(std::memory_order_relaxed);
        while (now >> 16 == generation &&
               !word_.compare_exchange_weak(now, now & ~static_cast<std::uint32_t>(fact))) {
        }
    }
    // The first reason stays, but for HTTP/2, which may turn opaque until we have ended it; false
    // as above.
    [[nodiscard]] bool turn_opaque(std::uint16_t generation, Opaque reason) {
        std::uint32_t now = word_.load(std::memory_order_relaxed);
        do {
            const bool frames = Facts(now).speaks_http2() && reason != Opaque::http2;
            const bool open = Facts(now).followed() || frames;
            if (now >> 16 != generation || !open) return false;
        } while (!word_.compare_exchange_weak(
            now, (now & ~Facts::reasons) | static_cast<std::uint32_t>(reason)));
        return true;
    }
    // By whoever has claimed both directions for it.
    void begin(std::uint16_t generation) {
        word_.store(std::uint32_t{generation} << 16, std::memory_order_release);
    }

private:
    [[gnu::noinline]] bool change(std::uint16_t generation, std::uint32_t unless,
                                  std::uint32_t bits) {
        std::uint32_t now = word_.load(std::memory_order_relaxed);
        do {
            if (now >> 16 != generation || (now & unless) != 0) return false;
        } while (!word_.compare_exchange_weak(now, now | bits));
        return true;
    }

    std::atomic<std::uint32_t> word_ = 0;  // generation, facts, reason
};

// How many descriptors mean this life.
class References {
public:
    void begin(std::uint16_t generation) {
        word_.store(std::uint32_t{generation} << 16 | 1, std::memory_order_release);
    }
    // False: there is no such life any more, or too many.
    [[nodiscard]] bool add(std::uint16_t generation) {
        std::uint32_t now = word_.load();
        do {
            const std::uint32_t count = now & most;
            if (now >> 16 != generation || count == 0 || count == most) return false;
        } while (!word_.compare_exchange_weak(now, now + 1));
        return true;
    }
    // True: it was the last, and the life is over.
    [[nodiscard]] bool drop(std::uint16_t generation) {
        std::uint32_t now = word_.load();
        do {
            if (now >> 16 != generation || (now & most) == 0) return false;
        } while (!word_.compare_exchange_weak(now, now - 1));
        return (now & most) == 1;
    }
    [[nodiscard]] bool none() const { return (word_.load() & most) == 0; }

private:
    static constexpr std::uint32_t most = 0xffff;

    std::atomic<std::uint32_t> word_ = 0;  // generation, count
};

}  // namespace lastcall
