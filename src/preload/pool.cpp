// Two free lists without locks. A list's head carries a count beside the index, so that a thread
// which slept between looking and taking notices that the list has moved on.

#include "pool.hpp"

#include "desk.hpp"
#include "owner.hpp"

#include <sys/mman.h>
#include <cerrno>
#include <new>

namespace lastcall::pool {
namespace {

// Zero is a valid, empty state for every member.
template <typename Item, std::uint32_t per_slab, std::uint32_t slab_count>
class Pool {
public:
    [[nodiscard]] Item* take() {
        if (Item* const used = pop(); used != nullptr) return used;
        return take_new();
    }

    void give_back(Item& item) {
        std::uint64_t head = free_.load(std::memory_order_relaxed);
        std::uint64_t with = 0;
        do {
            item.next_free.store(static_cast<std::uint32_t>(head), std::memory_order_relaxed);
            with = ((head >> 32) + 1) << 32 | (item.index + 1);
        } while (!free_.compare_exchange_weak(head, with, std::memory_order_acq_rel));
    }

private:
    Item& at(std::uint32_t index) {
        return slabs_[index / per_slab].load(std::memory_order_acquire)[index % per_slab];
    }

    Item* pop() {
        std::uint64_t head = free_.load(std::memory_order_acquire);
        for (;;) {
            const auto place = static_cast<std::uint32_t>(head);
            if (place == 0) return nullptr;
            Item& item = at(place - 1);
            const std::uint32_t next = item.next_free.load(std::memory_order_relaxed);
            const std::uint64_t without = ((head >> 32) + 1) << 32 | next;
            if (free_.compare_exchange_weak(head, without, std::memory_order_acq_rel)) return &item;
        }
    }

    Item* take_new() {
        std::uint32_t index = fresh_.load(std::memory_order_relaxed);
        do {
            if (index == per_slab * slab_count || !slab(index / per_slab)) return nullptr;
        } while (!fresh_.compare_exchange_weak(index, index + 1, std::memory_order_relaxed));
        Item* const item = new (&at(index)) Item;
        item->index = index;
        return item;
    }

    bool slab(std::uint32_t number) {
        if (slabs_[number].load(std::memory_order_acquire) != nullptr) return true;
        const int kept = errno;
        constexpr std::size_t size = sizeof(Item) * per_slab;
        void* const memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        errno = kept;
        if (memory == MAP_FAILED) return false;
        Item* earlier = nullptr;
        if (!slabs_[number].compare_exchange_strong(earlier, static_cast<Item*>(memory))) {
            munmap(memory, size);
        }
        return true;
    }

    std::array<std::atomic<Item*>, slab_count> slabs_{};
    std::atomic<std::uint64_t> free_ = 0;   // count, then index + 1 of the first free item
    std::atomic<std::uint32_t> fresh_ = 0;  // items ever taken from a slab
};

constinit Pool<Connection, 4096, 4096> connections;
constinit Pool<Desk, 64, 4096> desks;

// Makes a used connection new; false if a late thread is still inside it.
bool renew(Connection& connection) {
    const auto next = static_cast<std::uint16_t>(connection.generation.load() + 1);
    if (!connection.in.renew(next)) return false;
    if (!connection.out.renew(next)) {
        connection.in.release(static_cast<std::uint16_t>(next - 1));
        return false;
    }
    connection.generation.store(next, std::memory_order_relaxed);
    return true;
}

void make_new(Connection& connection) {
    connection.in.forget_calls();
    connection.out.forget_calls();
    connection.taken.store(0, std::memory_order_relaxed);
    connection.sent.store(0, std::memory_order_relaxed);
    connection.requests = {};
    connection.responses = {};
    connection.granted = false;
    connection.discarded = false;
    connection.exchanges.reset();
    connection.identity = 0;
    connection.counted = 0;
    connection.read_from = false;
    connection.place = 0;
    connection.opaque = Opaque::no;
    connection.input_over = false;
    connection.said_close = false;
    connection.torn_down = false;
    connection.woken = false;
    connection.ended = false;
    connection.process = 0;
    connection.aliases = 1;
}

// Passes over connections that a late thread is inside; a few tries find another.
Connection* take_renewed(int tries) {
    Connection* const connection = connections.take();
    if (connection == nullptr || renew(*connection)) return connection;
    Connection* const other = tries > 0 ? take_renewed(tries - 1) : nullptr;
    connections.give_back(*connection);
    return other;
}

// A write that sits at the desk will give it back itself, unless it was cancelled there.
void detach_desk(Connection& connection) {
    Desk* const desk = connection.desk.exchange(nullptr);
    if (desk == nullptr) return;
    const std::int32_t writer = desk->writer();
    const bool cancelled = writer != 0 && !owner::thread_lives(writer);
    if (cancelled) static_cast<void>(desk->stand_up());
    if (!desk->leave_to_write()) give_back(*desk);
}

}  // namespace

Connection* take_connection() {
    Connection* const connection = take_renewed(3);
    if (connection == nullptr) return nullptr;
    detach_desk(*connection);
    make_new(*connection);
    const std::uint16_t generation = connection->generation.load(std::memory_order_relaxed);
    connection->in.release(generation);
    connection->out.release(generation);
    return connection;
}

void give_back(Connection& connection) {
    // A desk in use stays, and goes when the connection's place is used again.
    const std::uint16_t generation = connection.generation.load(std::memory_order_relaxed);
    if (connection.out.claim(generation)) {
        Desk* const desk = connection.desk.load(std::memory_order_acquire);
        if (desk != nullptr && desk->writer() == 0) detach_desk(connection);
        connection.out.release(generation);
    }
    connections.give_back(connection);
}

Desk* take_desk() {
    Desk* const desk = desks.take();
    if (desk != nullptr) clear(*desk);
    return desk;
}

void give_back(Desk& desk) { desks.give_back(desk); }

}  // namespace lastcall::pool
