// Descriptor → connection. Two levels, so that any descriptor number has a place and only the pages
// in use exist. Knows nothing of what a connection is.
#pragma once

#include "connection.hpp"

#include <array>
#include <optional>

namespace lastcall {

// A connection and its generation when the slot was filled.
class Slot {
public:
    constexpr Slot() = default;
    explicit Slot(std::uint64_t bits) : bits_(bits) {}
    explicit Slot(Connection& connection)
        : bits_(std::uint64_t{connection.life.generation()} << 48 |
                reinterpret_cast<std::uintptr_t>(&connection)) {}

    [[nodiscard]] explicit operator bool() const { return bits_ != 0; }
    [[nodiscard]] Connection& connection() const {
        return *reinterpret_cast<Connection*>(bits_ & ((std::uint64_t{1} << 48) - 1));
    }
    [[nodiscard]] std::uint16_t generation() const {
        return static_cast<std::uint16_t>(bits_ >> 48);
    }
    // What is true of the life it means, which may be over; for whoever holds no claim.
    [[nodiscard]] Facts facts() const { return connection().life.facts(generation()); }
    // The generation, where it is in the bits.
    [[nodiscard]] std::uint64_t life() const {
        return bits_ ^ reinterpret_cast<std::uintptr_t>(&connection());
    }
    [[nodiscard]] std::uint64_t bits() const { return bits_; }

private:
    std::uint64_t bits_ = 0;
};

// Claims a direction of the slot's connection. False: the connection has died meanwhile, and
// whoever lives in its memory now is not to be touched; or it is claimed for ever, and opaque now.
[[gnu::cold]] bool claim_late(Slot slot, Direction& direction);
[[nodiscard]] inline bool claim(Slot slot, Direction& direction) {
    return direction.claim(slot.generation()) || claim_late(slot, direction);
}

// The one-way door of the life that the slot means; the first reason stays, but for HTTP/2.
[[gnu::cold]] void turn_opaque(Slot slot, Opaque reason);

namespace table {

inline constexpr std::size_t chunk_size = 65536;
using Chunk = std::array<std::atomic<std::uint64_t>, chunk_size>;
// Indexed by the upper half of a descriptor; a negative one finds its half always empty.
[[gnu::visibility("hidden")]] extern constinit std::array<std::atomic<Chunk*>, 65536> chunks;

[[nodiscard]] inline Slot at(int fd) {
    const auto number = static_cast<unsigned>(fd);
    const Chunk* const chunk = chunks[number >> 16].load(std::memory_order_acquire);
    if (chunk == nullptr) return {};
    return Slot((*chunk)[number & 0xffff].load(std::memory_order_acquire));
}

// Does the number still mean what it did?
[[nodiscard]] inline bool means(int fd, Slot slot) { return at(fd).bits() == slot.bits(); }

// Fills the slot of a number that is new, whatever is in it: that is returned, and its caller's to
// end. None: there is no memory for the slot.
[[nodiscard]] std::optional<Slot> set(int fd, Slot slot);
// Puts the one in the place of the other, which may be the empty slot. False: something else is
// there, or there is no memory.
[[nodiscard]] bool replace(int fd, Slot before, Slot slot);
// Empties the slot and returns what was in it.
Slot clear(int fd);
// No descriptor above this one has ever had a connection; -1: none has.
[[nodiscard]] int highest();

}  // namespace table
}  // namespace lastcall
