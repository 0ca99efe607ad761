// What the request side of a conversation tells the response side: which requests are outstanding,
// of what kind, and which is the last. One thread may be on each side at a time, so the two meet
// only in these atomics. Exchanges are numbered from 1; 0 is none.
#pragma once

#include <lastcall/http1/body.hpp>

#include <array>
#include <atomic>

namespace lastcall {

class Exchanges {
public:
    void copy(const Exchanges& other);

    // As new, for the next connection; nobody else is looking.
    void reset();

    // ---- request side ----

    // A request's head has been followed. False if more HEAD requests are outstanding than can be
    // remembered; ordinary ones are only counted.
    [[nodiscard]] bool begin(RequestKind kind) {
        const std::uint32_t exchange = begun() + 1;
        if (kind != RequestKind::ordinary && !remember(kind, exchange)) return false;
        begun_.store(exchange, std::memory_order_release);
        return true;
    }

    // The same for an ordinary request, whose number is known.
    void begin_ordinary(std::uint32_t exchange) {
        begun_.store(exchange, std::memory_order_release);
    }

    // The newest exchange is the last. persists: would the connection outlive it, as far as the
    // request says? (RFC 9112 9.3)
    void pick_newest(bool persists);
    // It is not, after all. Nothing of its response may have been offered yet.
    void put_off() { last_.store(0, std::memory_order_release); }

    // Has a CONNECT not had its final response yet? What follows it may be a tunnel's bytes.
    [[nodiscard]] bool connect_outstanding() const {
        return connect_.load(std::memory_order_relaxed) > answered_.load(std::memory_order_acquire);
    }

    // ---- response side ----

    [[nodiscard]] bool outstanding(std::uint32_t exchange) const {
        return exchange <= begun_.load(std::memory_order_acquire);
    }
    [[nodiscard]] RequestKind kind(std::uint32_t exchange) const {
        const bool ordinary = exchange > special_.load(std::memory_order_relaxed);
        return ordinary ? RequestKind::ordinary : remembered_kind(exchange);
    }
    void answered(std::uint32_t exchange) { answered_.store(exchange, std::memory_order_release); }

    // ---- both ----

    [[nodiscard]] std::uint32_t last() const { return last_.load(std::memory_order_acquire); }
    [[nodiscard]] bool last_persists() const {
        return last_persists_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint32_t begun() const { return begun_.load(std::memory_order_relaxed); }

private:
    using Number = std::atomic<std::uint32_t>;

    [[nodiscard]] bool remember(RequestKind kind, std::uint32_t exchange);
    [[nodiscard]] RequestKind remembered_kind(std::uint32_t exchange) const;

    Number begun_ = 0;
    Number answered_ = 0;
    Number last_ = 0;
    Number special_ = 0;             // the newest that is not ordinary
    Number connect_ = 0;             // the newest CONNECT
    std::array<Number, 8> heads_{};  // the newest HEAD requests, a ring
    std::atomic<std::uint8_t> next_head_ = 0;
    std::atomic<bool> last_persists_ = false;
};

}  // namespace lastcall
