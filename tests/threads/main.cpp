// The concurrency host: `host MILLISECONDS SEED THREADS` plays each scene for so long with so many,
// under the guest that is linked into it and the sanitizer that it was built with, if any; status 0
// if all went well. SCENE=words plays only those whose names have the words in them.
// `host race` and `host overflow` do what a sanitizer must not let pass: who relies on the silence
// of the others, asks them first.
//
// How it is linked. The exported functions (read, write, ...) are the executable's own, so they
// come before every library's, as those of a preload do, and the next definitions are found behind
// them. Which ones, `host next` says. Under AddressSanitizer they are to be its interceptors, which
// look at every buffer that is passed on; its runtime is a shared library, and comes next. Under
// ThreadSanitizer they are to be libc's: its interceptors make every write to a socket happen
// before every read of any, which would hide our races, and call close during read a race, which
// here is the point. So its runtime is linked statically, where ours replace its own.

#include "scenes.hpp"

#include <dlfcn.h>
#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace lastcall::threads {
namespace {

constexpr unsigned watchdog = 120;  // seconds beyond a scene's own

int shared_by_mistake = 0;

int race() {
    const auto count = [] {
        for (int i = 0; i < 100'000; ++i) shared_by_mistake = shared_by_mistake + 1;
    };
    std::thread other(count);
    count();
    other.join();
    return 0;
}

int overflow(const char* text) {
    char* const copy = ::strdup(text);
    volatile std::size_t end = std::strlen(text) + 1;
    const char beyond = copy[end];
    std::free(copy);
    return beyond == 0 ? 0 : 1;
}

int name_next() {
    Dl_info found{};
    if (::dladdr(::dlsym(RTLD_NEXT, "read"), &found) == 0) return 1;
    std::puts(found.dli_fname);
    return 0;
}

unsigned limit() {
    const char* const text = std::getenv("LASTCALL_REQUESTS");
    return text == nullptr ? 1000 : static_cast<unsigned>(std::atoi(text));
}

bool play(const Scene& scene, unsigned milliseconds, std::uint64_t seed, unsigned threads) {
    std::printf("%s: ", scene.name);
    Stage stage(seed, threads);
    const Errand errand{0, scene.sequence, limit(), milliseconds, 0, scene.frames};
    return stage.play(errand, scene.part);
}

int play_all(unsigned milliseconds, std::uint64_t seed, unsigned threads) {
    const char* const only = std::getenv("SCENE");  // a part of the name of those to play
    std::signal(SIGPIPE, SIG_IGN);
    bool good = true;
    for (const auto scenes : {orderly_scenes(), turns_scenes(), disorderly_scenes(),
                              shared_scenes(), frames_scenes()}) {
        for (const Scene& scene : scenes) {
            if (only != nullptr && std::strstr(scene.name, only) == nullptr) continue;
            ::alarm(watchdog + milliseconds / 1000);
            good = play(scene, milliseconds, seed++, threads) && good;
        }
    }
    return good ? 0 : 1;
}

}  // namespace
}  // namespace lastcall::threads

int main(int count, char** arguments) {
    using namespace lastcall::threads;
    const std::string first = count > 1 ? arguments[1] : "";
    if (first == "race") return race();
    if (first == "overflow") return overflow(arguments[1]);
    if (first == "next") return name_next();
    if (count != 4) return 2;
    const auto number = [&](int i) { return static_cast<unsigned>(std::atoi(arguments[i])); };
    return play_all(number(1), std::strtoull(arguments[2], nullptr, 10), number(3));
}
