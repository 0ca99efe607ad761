// A server's side of a connection that speaks HTTP/2: the requests that have come whole.
#pragma once

#include <lastcall/bytes.hpp>

#include "exchange.hpp"
#include "frames.hpp"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <map>

namespace lastcall::threads {

struct Request {
    std::uint32_t stream = 0;  // 0: there is none any more
    std::uint32_t number = 0;
};

// The requests that have come whole, in bytes read as chance has it.
class Incoming {
public:
    void add(Bytes bytes) { held_.append(bytes); }
    bool take(Request& request) {
        if (!greeted_ && held_.size() < preface_size) return false;
        if (!greeted_) held_.erase(0, preface_size);
        greeted_ = true;
        Frame frame;
        while (take_frame(held_, frame)) {
            if (frame.type == 1) {
                numbers_[frame.stream] = number_in(frame);
                Ledger::shared().execute(number_in(frame));
            }
            if (!frame.ends_stream()) continue;
            request = {frame.stream, numbers_[frame.stream]};
            numbers_.erase(frame.stream);
            return true;
        }
        return false;
    }

private:
    static constexpr std::size_t preface_size = 24;

    std::string held_;
    std::map<std::uint32_t, std::uint32_t> numbers_;
    bool greeted_ = false;
};

inline ssize_t read_some(int fd, char* to, std::size_t size, Chance& chance) {
    iovec halves[2] = {{to, size / 2}, {to + size / 2, size - size / 2}};
    switch (chance.below(4)) {
        case 0: return ::readv(fd, halves, 2);
        case 1: return ::recv(fd, to, 1 + chance.below(40), 0);
        default: return ::read(fd, to, size);
    }
}

}  // namespace lastcall::threads
