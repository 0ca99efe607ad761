// The ring of HEAD requests: an entry is free once its exchange has been answered.

#include <lastcall/http1/exchanges.hpp>

namespace lastcall {

void Exchanges::reset() {
    for (Number* number : {&begun_, &answered_, &last_, &special_, &connect_}) *number = 0;
    for (Number& head : heads_) head = 0;
    next_head_ = 0;
    last_persists_ = false;
}

void Exchanges::copy(const Exchanges& other) {
    begun_ = other.begun_.load();
    answered_ = other.answered_.load();
    last_ = other.last_.load();
    special_ = other.special_.load();
    connect_ = other.connect_.load();
    for (std::size_t i = 0; i < heads_.size(); ++i) heads_[i] = other.heads_[i].load();
    next_head_ = other.next_head_.load();
    last_persists_ = other.last_persists_.load();
}

bool Exchanges::remember(RequestKind kind, std::uint32_t exchange) {
    if (kind == RequestKind::head) {
        const std::uint8_t next = next_head_.load(std::memory_order_relaxed);
        Number& entry = heads_[next % heads_.size()];
        const std::uint32_t earlier = entry.load(std::memory_order_relaxed);
        if (earlier > answered_.load(std::memory_order_acquire)) return false;
        entry.store(exchange, std::memory_order_relaxed);
        next_head_.store(static_cast<std::uint8_t>(next + 1), std::memory_order_relaxed);
    }
    if (kind == RequestKind::connect) connect_.store(exchange, std::memory_order_relaxed);
    special_.store(exchange, std::memory_order_relaxed);
    return true;
}

void Exchanges::pick_newest(bool persists) {
    last_persists_.store(persists, std::memory_order_relaxed);
    last_.store(begun(), std::memory_order_release);
}

RequestKind Exchanges::remembered_kind(std::uint32_t exchange) const {
    if (connect_.load(std::memory_order_relaxed) == exchange) return RequestKind::connect;
    for (const Number& head : heads_) {
        if (head.load(std::memory_order_relaxed) == exchange) return RequestKind::head;
    }
    return RequestKind::ordinary;
}

}  // namespace lastcall
