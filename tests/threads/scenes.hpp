// The scenes: what a server's threads do to its connections at the same time, each under a name and
// with what its clients may expect of it.
#pragma once

#include "server.hpp"

#include <span>

namespace lastcall::threads {

struct Scene {
    const char* name;
    Sequence sequence;
    void (*part)(Stage& stage, unsigned thread);
    bool frames = false;  // in HTTP/2
};

// Every descriptor has one owner, whatever else happens.
[[nodiscard]] std::span<const Scene> orderly_scenes();
// So it is there, but more than one thread uses it.
[[nodiscard]] std::span<const Scene> turns_scenes();
// Descriptors are closed and replaced under the hands of whoever uses them.
[[nodiscard]] std::span<const Scene> disorderly_scenes();
// They are nobody's, and used by any call; in HTTP/2, too. From there on the guest's clock is
// hastened.
[[nodiscard]] std::span<const Scene> shared_scenes();
// The first three in HTTP/2, with clients that stay until the guest ends it.
[[nodiscard]] std::span<const Scene> frames_scenes();

}  // namespace lastcall::threads
