// Laws of the guest with HTTP/2: whatever a server calls on its descriptors in whatever order, also
// while other calls are in the kernel, the client sees what was accepted, with one GOAWAY at a
// place where one may stand once it is due; it is left only when no stream is open, and nothing
// follows; and in the end everything has been given back. Input: a limit, then calls, one or a few
// bytes each.

#include "calls_world.hpp"
#include "frames_talk.hpp"

#include <sys/socket.h>
#include <memory>

namespace lastcall::fake {
namespace {

class World {
public:
    explicit World(Bytes text) : script_(text) {
        limit_ = script_.next() % 4;
        page.control.requests = limit_;
        kernel = {};
        accept();
    }

    void play() {
        while (!script_.over()) step();
        kernel.meanwhile = nullptr;
        kernel.fault = Fault::none;
        for (int fd = first_number; fd < first_number + numbers; ++fd) {
            if (FramesTalk* const talk = talk_at(fd); talk != nullptr) talk->finish(fd);
        }
        for (int fd = first_number; fd < first_number + numbers; ++fd) close(fd);
    }

private:
    FramesTalk* talk_at(int fd) {
        for (const auto& talk : talks_) {
            if (kernel.at(fd) == &talk->socket) return talk.get();
        }
        return nullptr;
    }

    FramesTalk* make_talk() {
        if (talks_.size() == most_talks) return nullptr;
        talks_.push_back(
            std::make_unique<FramesTalk>([this] { return script_.next(); }, limit_, ++cookies_));
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
        const unsigned choice = script_.next();
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
        static_cast<void>(script_.next() % 2 == 0 ? ::dup(fd) : ::fcntl(fd, F_DUPFD, 0));
    }

    // The number is closed, and perhaps given to another socket, by calls that nobody saw.
    void steal(int fd, FramesTalk& talk) {
        talk.lose();
        FramesTalk* const alien = script_.next() % 2 == 0 ? make_talk() : nullptr;
        kernel.rename(fd, alien != nullptr ? &alien->socket : nullptr);
        if (alien == nullptr) return;
        alien->be_alien();
        alien->disturb();
    }

    // The kernel's next answer, or what other threads do while a call of this one's is in the
    // kernel.
    void meanwhile(int fd) {
        const unsigned what = script_.next();
        const std::size_t size = script_.sized();
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
        const unsigned what = script_.next();
        if (what % 32 == 0) return accept();
        const int fd = some_number();
        if (fd < 0) return;
        FramesTalk& talk = *talk_at(fd);
        const std::size_t size = script_.sized();
        const unsigned way = script_.next();
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

    Script script_;
    std::uint32_t limit_ = 0;
    std::vector<std::unique_ptr<FramesTalk>> talks_;
    static std::uint64_t cookies_;
};

std::uint64_t World::cookies_ = 0;

}  // namespace
}  // namespace lastcall::fake

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    return lastcall::fake::play<lastcall::fake::World>(data, size);
}
