// Whose memory is this? A vfork child runs in its parent's and closes descriptors there that are
// its own; what it does must leave no trace in the parent's table. Real fork children have copies,
// which are theirs to change.
#pragma once

#include <atomic>
#include <cstdint>

namespace lastcall::owner {

// Called before anything shared is changed because of a descriptor. One system call.
[[nodiscard]] bool is_this_process();

// What is wiped in a fork child.
struct Owner {
    std::atomic<std::int32_t> id;      // of the process whose memory this is; 0: not known
    std::atomic<std::uint32_t> place;  // on the status page; 0: none yet
};
[[gnu::visibility("hidden")]] extern constinit std::atomic<Owner*> page;
[[nodiscard]] std::int32_t find_self();

// The process whose memory this is; 0 if that is not known. No system call but the first time.
[[nodiscard]] inline std::int32_t self() {
    const Owner* const known = page.load(std::memory_order_acquire);
    const std::int32_t id = known == nullptr ? 0 : known->id.load(std::memory_order_relaxed);
    return id != 0 ? id : find_self();
}

// This process's place on the status page, forgotten by fork children; 0: none yet.
[[nodiscard]] std::atomic<std::uint32_t>& place();
[[nodiscard]] inline std::uint32_t known_place() {
    const Owner* const known = page.load(std::memory_order_acquire);
    return known == nullptr ? 0 : known->place.load(std::memory_order_relaxed);
}

// The calling thread, always positive, and whether one is still there: not if it has ended, was
// cancelled, or was another process's before a fork. One system call; of the first only once a
// thread, where fork tells its children apart.
[[nodiscard]] std::int32_t thread();
[[nodiscard]] bool thread_lives(std::int32_t thread);

// A process that accepts a connection is nobody's vfork child: it owns its memory.
void claim();

}  // namespace lastcall::owner
