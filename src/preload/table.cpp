// Chunks of the table are mapped when a connection first needs one.

#include "table.hpp"

#include <sys/mman.h>
#include <cerrno>

namespace lastcall::table {

constinit std::array<std::atomic<Chunk*>, 65536> chunks{};

namespace {

constinit std::atomic<int> highest_fd = -1;

Chunk* make_chunk(std::atomic<Chunk*>& place) {
    const int kept = errno;
    void* const memory = mmap(nullptr, sizeof(Chunk), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    errno = kept;
    if (memory == MAP_FAILED) return nullptr;
    Chunk* earlier = nullptr;
    auto* const made = static_cast<Chunk*>(memory);  // all zero: all slots empty
    if (place.compare_exchange_strong(earlier, made)) return made;
    munmap(memory, sizeof(Chunk));
    return earlier;
}

void raise_highest(int fd) {
    int known = highest_fd.load(std::memory_order_relaxed);
    while (known < fd && !highest_fd.compare_exchange_weak(known, fd)) {
    }
}

// Null if there is no memory for it.
std::atomic<std::uint64_t>* place_of(int fd) {
    if (fd < 0) return nullptr;
    const auto number = static_cast<unsigned>(fd);
    std::atomic<Chunk*>& place = chunks[number >> 16];
    Chunk* chunk = place.load(std::memory_order_acquire);
    if (chunk == nullptr) chunk = make_chunk(place);
    if (chunk == nullptr) return nullptr;
    raise_highest(fd);
    return &(*chunk)[number & 0xffff];
}

}  // namespace

std::optional<Slot> set(int fd, Slot slot) {
    std::atomic<std::uint64_t>* const place = place_of(fd);
    if (place == nullptr) return {};
    return Slot(place->exchange(slot.bits(), std::memory_order_acq_rel));
}

bool replace(int fd, Slot before, Slot slot) {
    std::atomic<std::uint64_t>* const place = place_of(fd);
    std::uint64_t bits = before.bits();
    return place != nullptr &&
           place->compare_exchange_strong(bits, slot.bits(), std::memory_order_acq_rel);
}

Slot clear(int fd) {
    if (!at(fd)) return {};
    const auto number = static_cast<unsigned>(fd);
    Chunk* const chunk = chunks[number >> 16].load(std::memory_order_acquire);
    return Slot((*chunk)[number & 0xffff].exchange(0, std::memory_order_acq_rel));
}

int highest() { return highest_fd.load(std::memory_order_relaxed); }

}  // namespace lastcall::table
