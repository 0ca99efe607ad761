// Descriptors that everybody uses as he likes, by every kind of call: nothing is promised of what
// goes over the wire, and all of it of the guest's memory.

#include "clock.hpp"
#include "frames_server.hpp"
#include "scenes.hpp"
#include "shelf.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <array>

namespace lastcall::threads {
namespace {

// At the first of them a connection is answered as it asks, while others do to it all but read and
// write; at the rest they do that, too.
constexpr unsigned places = 4;
constexpr unsigned served = 2;
Shelf shelf;

// What a call of several messages, or of several buffers, is given.
class Parts {
public:
    Parts(char* start, std::size_t size) {
        for (std::size_t i = 0; i < 2; ++i) {
            halves_[i] = {start + i * (size / 2), size / 2};
            messages_[i].msg_hdr.msg_iov = &halves_[i];
            messages_[i].msg_hdr.msg_iovlen = 1;
        }
        whole_.msg_iov = halves_;
        whole_.msg_iovlen = 2;
    }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    iovec* halves() { return halves_; }
    msghdr* whole() { return &whole_; }
    mmsghdr* messages() { return messages_; }

private:
    iovec halves_[2]{};
    msghdr whole_{};
    mmsghdr messages_[2]{};
};

// Made by the system call: ThreadSanitizer sees pipe2, but no close, and so would take the next
// pipe of that number for the same one.
class Pipe {
public:
    Pipe() {
        if (::syscall(SYS_pipe2, ends_, O_CLOEXEC | O_NONBLOCK, 0, 0, 0, 0) != 0)
            ends_[0] = ends_[1] = -1;
    }
    ~Pipe() {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    void take_from(int fd) {
        static_cast<void>(::splice(fd, nullptr, ends_[1], nullptr, 4096, SPLICE_F_NONBLOCK));
    }
    void give_to(int fd, const std::string& text) {
        if (::write(ends_[1], text.data(), text.size()) <= 0) return;
        static_cast<void>(::splice(ends_[0], nullptr, fd, nullptr, 4096, SPLICE_F_NONBLOCK));
    }

private:
    int ends_[2]{};
};

void send_file(int fd, const std::string& text) {
    const int file = ::memfd_create("response", MFD_CLOEXEC);
    off_t start = 0;
    if (::write(file, text.data(), text.size()) > 0) ::sendfile(fd, file, &start, text.size());
    ::close(file);
}

// Their results are whoever's.
void read_somehow(int fd, Chance& chance) {
    char bytes[2000];
    Parts parts(bytes, sizeof bytes);
    ssize_t size = 0;
    switch (chance.below(9)) {
        case 0: size = ::recv(fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_PEEK); break;
        case 1: size = ::recv(fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_TRUNC); break;
        case 2: size = ::readv(fd, parts.halves(), 2); break;
        case 3: size = ::recvmsg(fd, parts.whole(), MSG_DONTWAIT); break;
        case 4: size = ::recvmmsg(fd, parts.messages(), 2, MSG_DONTWAIT, nullptr); break;
        case 5: Pipe().take_from(fd); break;
        case 6: size = ::read(fd, bytes, 1 + chance.below(60)); break;
        default: size = ::recv(fd, bytes, sizeof bytes, MSG_DONTWAIT); break;
    }
    static_cast<void>(size);
}

void write_somehow(int fd, std::string text, Chance& chance) {
    constexpr int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    Parts parts(text.data(), text.size());
    ssize_t size = 0;
    switch (chance.below(9)) {
        case 0: send_file(fd, text); break;
        case 1: Pipe().give_to(fd, text); break;
        case 2: size = ::writev(fd, parts.halves(), 2); break;
        case 3: size = ::sendmsg(fd, parts.whole(), flags); break;
        case 4: size = ::sendmmsg(fd, parts.messages(), 2, flags); break;
        case 5: size = ::send(fd, text.data(), text.size(), flags | MSG_MORE); break;
        case 6: size = ::send(fd, text.data(), text.size() / 2, flags); break;
        default: size = ::send(fd, text.data(), text.size(), flags); break;
    }
    static_cast<void>(size);
}

// A call that waits does so for a moment.
int welcome(Stage& stage, std::atomic<int>& place) {
    const int fd = stage.accept_now();
    if (fd < 0) return fd;
    const timeval limit{0, 2000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    Shelf::put(place, fd);
    return fd;
}

std::atomic<int>& any_place(Chance& chance) { return shelf.at(chance.below(places)); }

void rename_somehow(int fd, std::atomic<int>& place, Chance& chance) {
    switch (chance.below(4)) {
        case 0: return Shelf::put(any_place(chance), ::dup(fd));
        case 1: return Shelf::put(any_place(chance), ::fcntl(fd, F_DUPFD_CLOEXEC, 0));
        case 2: return Shelf::copy_over(fd, any_place(chance));
        default: return Shelf::close(place);
    }
}

void end_somehow(int fd, Chance& chance) {
    pollfd ready{fd, POLLIN | POLLOUT, 0};
    switch (chance.below(3)) {
        case 0: ::shutdown(fd, SHUT_WR); break;
        case 1: ::shutdown(fd, SHUT_RD); break;
        default: ::poll(&ready, 1, 0); break;
    }
}

void peek(int fd) {
    char byte = 0;
    static_cast<void>(::recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK));
}

// Speaks: serves a connection, and answers what nobody has asked.
template <typename Speaks>
void shared(Stage& stage, unsigned thread, const Speaks& speaks) {
    Chance chance(stage.seed() + thread * 77);
    while (!stage.over()) {
        const unsigned number = chance.below(places);
        std::atomic<int>& place = shelf.at(number);
        const int fd = place.load();
        switch (const unsigned what = chance.below(16)) {
            case 0:
                if (const int taken = welcome(stage, place); taken >= 0) {
                    number < served ? speaks.serve(taken, chance) : speaks.greet(taken);
                }
                break;
            case 1: rename_somehow(fd, place, chance); break;
            case 2: end_somehow(fd, chance); break;
            default:
                if (number < served)
                    peek(fd);
                else if (what % 2 == 0)
                    write_somehow(fd, speaks.answer(chance), chance);
                else
                    read_somehow(fd, chance);
        }
    }
    shelf.clear();
}

struct Http1 {
    static void greet(int) {}
    static std::string answer(Chance& chance) { return response(chance.below(6)); }
    static void serve(int fd, Chance& chance) {
        constexpr int patience = 20;
        Reader reader(fd, chance, patience);
        for (int number = reader.next(); number >= 0; number = reader.next()) {
            if (!write_all(fd, response(static_cast<unsigned>(number)), chance)) break;
        }
    }
};

struct Http2 {
    static void greet(int fd) {
        const std::string text = server_greeting();
        ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    }
    // Of streams that its clients mostly have opened.
    static std::string answer(Chance& chance) {
        return answer_stream(1 + 2 * chance.below(3), chance.below(100));
    }
    static void serve(int fd, Chance& chance) {
        greet(fd);
        Incoming incoming;
        char bytes[4096];
        for (int quiet = 0; quiet < 10;) {
            const ssize_t size = read_some(fd, bytes, sizeof bytes, chance);
            if (size == 0) break;
            quiet = size < 0 ? quiet + 1 : 0;
            if (size > 0) incoming.add({bytes, static_cast<std::size_t>(size)});
            for (Request request; incoming.take(request);) {
                const std::string text = answer_stream(request.stream, request.number);
                if (!write_all(fd, text, chance)) return;
            }
        }
    }
};

void shared_by_all(Stage& stage, unsigned thread) { shared(stage, thread, Http1{}); }

void shared_in_frames(Stage& stage, unsigned thread) {
    constexpr unsigned times = 200;
    hasten(times);
    shared(stage, thread, Http2{});
}

constexpr std::array scenes{
    Scene{"everybody on everything", Sequence::any, shared_by_all},
    Scene{"everybody on everything, in frames", Sequence::any, shared_in_frames, true},
};

}  // namespace

std::span<const Scene> shared_scenes() { return scenes; }

}  // namespace lastcall::threads
