// Free lists without locks. A list's head carries a count beside the index, so that a thread which
// slept between looking and taking notices that the list has moved on.

#include "pool.hpp"

#include "http1/desk.hpp"
#include "http2/talk.hpp"
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
        if (Item* const used = take_used(); used != nullptr) return used;
        return take_new();
    }
    [[nodiscard]] Item* take_used() {
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
    [[nodiscard]] Item* take_new() {
        std::uint32_t index = fresh_.load(std::memory_order_relaxed);
        do {
            if (index == per_slab * slab_count || !slab(index / per_slab)) return nullptr;
        } while (!fresh_.compare_exchange_weak(index, index + 1, std::memory_order_relaxed));
        Item* const item = new (&at(index)) Item;
        item->index = index;
        return item;
    }
    void give_back(Item& item) { put(free_, item); }

    // Items that cannot be used again for the moment: out of the way of those that can.
    void put_aside(Item& item) { put(aside_, item); }
    template <typename Use>
    void take_aside(Use use) {
        auto place = static_cast<std::uint32_t>(aside_.exchange(0, std::memory_order_acq_rel));
        while (place != 0) {
            Item& item = at(place - 1);
            place = item.next_free.load(std::memory_order_relaxed);
            use(item);
        }
    }

    Item& at(std::uint32_t index) {
        return slabs_[index / per_slab].load(std::memory_order_acquire)[index % per_slab];
    }

private:
    static void put(std::atomic<std::uint64_t>& list, Item& item) {
        std::uint64_t head = list.load(std::memory_order_relaxed);
        std::uint64_t with = 0;
        do {
            item.next_free.store(static_cast<std::uint32_t>(head), std::memory_order_relaxed);
            with = ((head >> 32) + 1) << 32 | (item.index + 1);
        } while (!list.compare_exchange_weak(head, with, std::memory_order_acq_rel));
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
    std::atomic<std::uint64_t> aside_ = 0;  // the same
    std::atomic<std::uint32_t> fresh_ = 0;  // items ever taken from a slab
};

constinit Pool<Connection, 4096, 4096> connections;
constinit Pool<Desk, 64, 4096> desks;
constinit Pool<Talk, 4096, 4096> talks;
constinit Pool<Told, 4096, 4096> told_ones;

// Makes a used connection new, both directions claimed; false if a thread is still inside it.
bool renew(Connection& connection) {
    const auto next = static_cast<std::uint16_t>(connection.life.generation() + 1);
    if (!connection.in.renew(next)) return false;
    if (!connection.out.renew(next)) {
        connection.in.release(static_cast<std::uint16_t>(next - 1));
        return false;
    }
    connection.life.begin(next);
    return true;
}

void make_new(Connection& connection) {
    connection.asked.store(false, std::memory_order_relaxed);
    connection.granted = false;
    connection.taken.store(0, std::memory_order_relaxed);
    connection.requests = {};
    connection.sent.store(0, std::memory_order_relaxed);
    connection.responses = {};
    connection.offer.forget();
    connection.exchanges.reset();
    connection.identity = 0;
    connection.counted = 0;
    connection.place = 0;
    connection.process = 0;
    connection.hidden = 0;
    connection.references.begin(connection.life.generation());
}

void release(Connection& connection) {
    const std::uint16_t generation = connection.life.generation();
    connection.in.release(generation);
    connection.out.release(generation);
}

// Of those that a thread was inside when they were to be renewed: one that it has left meanwhile;
// the others of that kind become free. Where one still is, it was cancelled or has jumped away, and
// its claim is for ever: such memory is left out, and hides nothing.
Connection* take_late() {
    Connection* found = nullptr;
    connections.take_aside([&](Connection& late) {
        if (!renew(late)) return;
        if (found == nullptr) {
            found = &late;
        } else {
            release(late);
            connections.give_back(late);
        }
    });
    return found;
}

Connection* take_renewed() {
    while (Connection* const used = connections.take_used()) {
        if (renew(*used)) return used;
        connections.put_aside(*used);
    }
    if (Connection* const late = take_late(); late != nullptr) return late;
    Connection* const made = connections.take_new();
    return made != nullptr && renew(*made) ? made : nullptr;
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

// The output is claimed.
void detach_talk(Connection& connection) {
    if (connection.talk == 0) return;
    talks.give_back(talk_at(connection.talk - 1));
    connection.talk = 0;
}

}  // namespace

Connection* take_connection() {
    Connection* const connection = take_renewed();
    if (connection == nullptr) return nullptr;
    detach_desk(*connection);
    detach_talk(*connection);
    make_new(*connection);
    release(*connection);
    return connection;
}

void give_back(Connection& connection) {
    // A desk in use stays, and goes when the connection's place is used again.
    const std::uint16_t generation = connection.life.generation();
    if (connection.out.claim(generation)) {
        Desk* const desk = connection.desk.load(std::memory_order_acquire);
        if (desk != nullptr && desk->writer() == 0) detach_desk(connection);
        detach_talk(connection);
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

Talk* take_talk() {
    Talk* const talk = talks.take();
    if (talk == nullptr) return nullptr;
    talk->conversation = {};
    talk->fate = Opaque::no;
    return talk;
}

Talk& talk_at(std::uint32_t index) { return talks.at(index); }

void give_back(Talk& talk) { talks.give_back(talk); }

Told* take_told() { return told_ones.take(); }

void give_back(Told& told) { told_ones.give_back(told); }

void hand_in(Told& told) { told_ones.put_aside(told); }

void take_handed_in(void (*use)(Told&)) { told_ones.take_aside(use); }

}  // namespace lastcall::pool
