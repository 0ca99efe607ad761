// Laws of the guest as a whole: whatever a server calls on its descriptors in whatever order, and
// whatever the kernel answers, the client sees what was accepted but for the edit of one head, the
// server reads what the client sent but for what is behind the last request, nothing follows FIN,
// and in the end every slot and every connection has been given back.
// Input: a limit, the conversations, then calls, one or a few bytes each.

#include "calls_talk.hpp"
#include "calls_world.hpp"

#include <memory>

namespace lastcall::fake {
namespace {

class World {
public:
    explicit World(Bytes text) : script_(text) {
        limit_ = script_.next() % 5;
        page.control.requests = limit_;
        kernel = {};
        accept();
    }

    void play() {
        while (!script_.over()) step();
        kernel.fault = Fault::none;
        for (int fd = first_number; fd < first_number + numbers; ++fd) {
            if (Talk* const talk = talk_at(fd); talk != nullptr) talk->finish(fd);
        }
        for (int fd = first_number; fd < first_number + numbers; ++fd) close(fd);
    }

private:
    Talk* talk_at(int fd) {
        for (const auto& talk : talks_) {
            if (kernel.at(fd) == &talk->socket) return talk.get();
        }
        return nullptr;
    }

    Talk* make_talk() {
        if (talks_.size() == most_talks) return nullptr;
        const unsigned shape = script_.next();
        const Play play(limit_, 1 + shape % 5, [this] { return script_.next(); });
        talks_.push_back(std::make_unique<Talk>(play, ++cookies_, (shape & 0x80) != 0));
        return talks_.back().get();
    }

    void accept() {
        Talk* const talk = make_talk();
        if (talk == nullptr) return;
        kernel.accepting = &talk->socket;
        static_cast<void>(script_.next() % 2 == 0 ? ::accept(0, nullptr, nullptr)
                                                  : ::accept4(0, nullptr, nullptr, 0));
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

    // A close may have to send what is held back: with a fault pending it may fail to.
    void close(int fd) {
        Talk* const talk = talk_at(fd);
        const bool last = talk != nullptr && talk->socket.names == 1;
        kernel.faulted = kernel.fault != Fault::none;
        ::close(fd);
        if (last) talk->check_closed(kernel.faulted);
    }

    void replace(int from, int to) {
        Talk* const talk = talk_at(to);
        const bool last = talk != nullptr && talk->socket.names == 1 && from != to;
        const bool same = kernel.at(from) == kernel.at(to);
        kernel.faulted = kernel.fault != Fault::none;
        law((script_.next() % 2 == 0 || from == to ? ::dup2(from, to) : ::dup3(from, to, 0)) == to);
        if (last && !same) talk->check_closed(kernel.faulted);
    }

    // The number is closed, and perhaps given to another socket, by calls that nobody saw.
    void steal(int fd, Talk& talk) {
        talk.disturb();
        talk.lose();
        Talk* const alien = script_.next() % 2 == 0 ? make_talk() : nullptr;
        kernel.rename(fd, alien != nullptr ? &alien->socket : nullptr);
        if (alien != nullptr) alien->be_alien();
    }

    void step() {
        const unsigned what = script_.next();
        if (what % 32 == 0) return accept();
        const int fd = some_number();
        if (fd < 0) return;
        Talk& talk = *talk_at(fd);
        const std::size_t size = script_.sized();
        const unsigned way = script_.next();
        switch (what % 32) {
            case 1:
            case 2:
            case 3:
            case 4:
            case 5:
            case 6:
            case 7: return talk.read(fd, way, size);
            case 8:
            case 9:
            case 10:
            case 11:
            case 12:
            case 13:
            case 14:
            case 15: return talk.write(fd, way, size, false);
            case 16: return talk.write(fd, way, size, true);
            case 17:
            case 18:
            case 19: return arrive(talk.socket, size);
            case 20: return arrive(talk.socket, talk.socket.coming.size());
            case 21: return static_cast<void>(way % 2 == 0 ? ::dup(fd) : ::fcntl(fd, F_DUPFD, 0));
            case 22: return close(fd);
            case 23: return replace(some_number(), fd);
            case 24: return talk.shut_down(fd, static_cast<int>(way % 3));
            case 25: return talk.read_unseen(size);
            case 26: return talk.write_unseen(size);
            case 27: return way < 64 ? steal(fd, talk) : void();
            default: return fail_next(way, size);
        }
    }

    Script script_;
    std::uint32_t limit_ = 0;
    std::vector<std::unique_ptr<Talk>> talks_;
    static std::uint64_t cookies_;
};

std::uint64_t World::cookies_ = 0;

}  // namespace
}  // namespace lastcall::fake

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    return lastcall::fake::play<lastcall::fake::World>(data, size);
}
