// What the call fuzzers' worlds have in common: a script that says what happens next, the guest
// made ready once, and that everything has been given back in the end. Knows no protocol, and no
// law of one.
#pragma once

#include "../../src/preload/guest.hpp"
#include "../../src/preload/http1/desk.hpp"
#include "../../src/preload/http2/farewell.hpp"
#include "../../src/preload/http2/talk.hpp"
#include "../../src/preload/pool.hpp"
#include "../../src/preload/status.hpp"
#include "../../src/preload/table.hpp"

#include "calls_kernel.hpp"
#include "calls_ways.hpp"
#include "law.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace lastcall::fake {

inline constexpr std::size_t most_talks = 5;
inline constexpr std::size_t pooled = 16;

inline status::Page page{};

class Script {
public:
    explicit Script(Bytes text) : text_(text) {}
    [[nodiscard]] bool over() const { return text_.empty(); }
    unsigned next() {
        if (text_.empty()) return 0;
        const auto value = static_cast<unsigned char>(text_[0]);
        text_ = from(text_, 1);
        return value;
    }
    // Mostly small, up to some hundred.
    std::size_t sized() {
        const unsigned byte = next();
        return byte < 200 ? byte : (byte - 199) * 13;
    }

private:
    Bytes text_;
};

// How the kernel answers the next call.
inline void fail_next(unsigned way, std::size_t size) {
    kernel.fault = static_cast<Fault>(1 + way % 5);
    kernel.short_by = size;
    if (kernel.fault == Fault::reset && size % 4 != 0) kernel.fault = Fault::again;
}

// Everything that was ever taken from the pools can be taken again.
template <typename Take>
void check_pool(Take take) {
    std::array<decltype(take()), pooled> taken;
    for (auto& item : taken) item = take();
    for (auto* item : taken) law(item != nullptr && item->index < pooled);
    for (auto* item : taken) pool::give_back(*item);
}

inline void check_all_returned() {
    for (int fd = 0; fd < first_number + numbers; ++fd) law(!table::at(fd));
    law(page.workers[0].open.load() == 0);
    for (int i = 0; i < 8; ++i) moment += 2000, farewell::look();
    law(farewell::next_look.load() == 0);
    check_pool(pool::take_connection);
    check_pool(pool::take_desk);
    check_pool(pool::take_talk);
    check_pool(pool::take_told);
}

inline void prepare() {
    static bool prepared = false;
    if (std::exchange(prepared, true)) return;
    take_over();
    law(::pipe2(helpers.pipe.data(), O_NONBLOCK) == 0);
    helpers.file = ::memfd_create("calls", 0);
    status::page = &page;
    // The constructor saw no page, and settled the terms for good.
    guest::fixed_terms = nullptr;
    check_all_returned();
}

// One input, of a fuzzer whose world this is.
template <typename World>
int play(const unsigned char* data, std::size_t size) {
    prepare();
    World({reinterpret_cast<const char*>(data), size}).play();
    check_all_returned();
    return 0;
}

}  // namespace lastcall::fake
