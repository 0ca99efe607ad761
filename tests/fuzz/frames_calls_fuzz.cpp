// Laws of the guest with HTTP/2: whatever a server calls on its descriptors in whatever order, also
// while other calls are in the kernel, the client sees what was accepted, with one GOAWAY at a
// place where one may stand once it is due; it is left only when no stream is open, and nothing
// follows; and in the end everything has been given back. Input: a limit, then calls, one or a few
// bytes each.

#include "../../src/preload/guest.hpp"
#include "../../src/preload/http1/desk.hpp"
#include "../../src/preload/http2/farewell.hpp"
#include "../../src/preload/http2/talk.hpp"
#include "../../src/preload/pool.hpp"
#include "../../src/preload/status.hpp"
#include "../../src/preload/table.hpp"

#include "frames_talk.hpp"
#include "law.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <memory>
#include <utility>

namespace lastcall::fake {
namespace {

constexpr std::size_t most_talks = 5;
constexpr std::size_t pooled = 16;

alignas(64) status::Page page{};

class World {
public:
    explicit World(Bytes text) : script_(text) {
        limit_ = next() % 4;
        page.control.requests = limit_;
        kernel = {};
        accept();
    }

    void play() {
        while (!script_.empty()) step();
        kernel.meanwhile = nullptr;
        kernel.fault = Fault::none;
        for (int fd = first_number; fd < first_number + numbers; ++fd) {
            if (FramesTalk* const talk = talk_at(fd); talk != nullptr) talk->finish(fd);
        }
        for (int fd = first_number; fd < first_number + numbers; ++fd) close(fd);
    }

private:
    unsigned next() {
        if (script_.empty()) return 0;
        const auto value = static_cast<unsigned char>(script_[0]);
        script_ = from(script_, 1);
        return value;
    }

    FramesTalk* talk_at(int fd) {
        for (const auto& talk : talks_) {
            if (kernel.at(fd) == &talk->socket) return talk.get();
        }
        return nullptr;
    }

    FramesTalk* make_talk() {
        if (talks_.size() == most_talks) return nullptr;
        talks_.push_back(
            std::make_unique<FramesTalk>([this] { return next(); }, limit_, ++cookies_));
        return talks_.back().get();
    }

    void accept() {
        FramesTalk* const talk = make_talk();
        if (talk == nullptr) return;
        kernel.accepting = &talk->socket;
        ::accept4(0, nullptr, nullptr, 0);
    }

    // A number in use; -1: there is none.
    int some_number() {
        const unsigned choice = next();
        std::vector<int> named;
        for (int fd = first_number; fd < first_number + numbers; ++fd) {
            if (kernel.at(fd) != nullptr) named.push_back(fd);
        }
        return named.empty() ? -1 : named[choice % named.size()];
    }

    void close(int fd) {
        FramesTalk* const talk = talk_at(fd);
        const bool last = talk != nullptr && talk->socket.names == 1;
        kernel.faulted = kernel.fault != Fault::none;
        ::close(fd);
        if (last) talk->check_closed(kernel.faulted);
    }

    void replace(int from, int to) {
        FramesTalk* const talk = talk_at(to);
        const bool last = talk != nullptr && talk->socket.names == 1 && from != to;
        const bool same = kernel.at(from) == kernel.at(to);
        kernel.faulted = kernel.fault != Fault::none;
        if (FramesTalk* const copied = talk_at(from)) copied->rename();
        law(::dup2(from, to) == to);
        if (last && !same) talk->check_closed(kernel.faulted);
    }

    void duplicate(int fd, FramesTalk& talk) {
        talk.rename();
        static_cast<void>(next() % 2 == 0 ? ::dup(fd) : ::fcntl(fd, F_DUPFD, 0));
    }

    // The number is closed, and perhaps given to another socket, by calls that nobody saw.
    void steal(int fd, FramesTalk& talk) {
        talk.lose();
        FramesTalk* const alien = next() % 2 == 0 ? make_talk() : nullptr;
        kernel.rename(fd, alien != nullptr ? &alien->socket : nullptr);
        if (alien == nullptr) return;
        alien->be_alien();
        alien->disturb();
    }

    void fail_next(unsigned way, std::size_t size) {
        kernel.fault = static_cast<Fault>(1 + way % 5);
        kernel.short_by = size;
        if (kernel.fault == Fault::reset && size % 4 != 0) kernel.fault = Fault::again;
    }

    // The kernel's next answer, or what other threads do while a call of this one's is in the
    // kernel.
    void meanwhile(int fd) {
        const unsigned what = next();
        const std::size_t size = sized();
        FramesTalk* const talk = talk_at(fd);
        if (talk == nullptr) return;
        switch (what % 5) {
            case 0: return talk->read(fd, 2, size);
            case 1: return talk->write(fd, what >> 3 & 1, size);
            case 2:
            case 3: return fail_next(what >> 3, size);
            default:
                for (int i = 0; i < 2; ++i) moment += 1000, farewell::look();
        }
    }

    void step() {
        const unsigned what = next();
        if (what % 32 == 0) return accept();
        const int fd = some_number();
        if (fd < 0) return;
        FramesTalk& talk = *talk_at(fd);
        const std::size_t size = sized();
        const unsigned way = next();
        switch (what % 32) {
            case 1:
            case 2:
            case 3:
            case 4:
            case 5: return talk.read(fd, way, size);
            case 6:
            case 7:
            case 8:
            case 9:
            case 10:
            case 11:
            case 12: return talk.write(fd, way, size);
            case 13:
            case 14: return arrive(talk.socket, size);
            case 15:
            case 16:
            case 17:
            case 18: return talk.say_more();
            case 19: return duplicate(fd, talk);
            case 20: return close(fd);
            case 21: return replace(some_number(), fd);
            case 22: return way < 64 ? talk.shut_down(fd, static_cast<int>(way % 3)) : void();
            case 23: return way < 64 ? talk.read_unseen(size) : void();
            case 24: return way < 64 ? talk.write_unseen(size) : void();
            case 25: return way < 64 ? steal(fd, talk) : void();
            case 26:
            case 27: moment += way * 10; return farewell::look();
            case 28: kernel.meanwhile = [this, fd] { meanwhile(fd); }; return;
            default: return fail_next(way, size);
        }
    }

    std::size_t sized() {
        const unsigned byte = next();
        return byte < 200 ? byte : (byte - 199) * 13;
    }

    Bytes script_;
    std::uint32_t limit_ = 0;
    std::vector<std::unique_ptr<FramesTalk>> talks_;
    static std::uint64_t cookies_;
};

std::uint64_t World::cookies_ = 0;

// Everything that was ever taken from the pools can be taken again.
template <typename Take>
void check_pool(Take take) {
    std::array<decltype(take()), pooled> taken;
    for (auto& item : taken) item = take();
    for (auto* item : taken) law(item != nullptr && item->index < pooled);
    for (auto* item : taken) pool::give_back(*item);
}

void check_all_returned() {
    for (int fd = 0; fd < first_number + numbers; ++fd) law(!table::at(fd));
    law(page.workers[0].open.load() == 0);
    for (int i = 0; i < 8; ++i) moment += 2000, farewell::look();
    law(farewell::next_look.load() == 0);
    check_pool(pool::take_connection);
    check_pool(pool::take_desk);
    check_pool(pool::take_talk);
    check_pool(pool::take_told);
}

void prepare() {
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

}  // namespace
}  // namespace lastcall::fake

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace lastcall;
    fake::prepare();
    fake::World({reinterpret_cast<const char*>(data), size}).play();
    fake::check_all_returned();
    return 0;
}
