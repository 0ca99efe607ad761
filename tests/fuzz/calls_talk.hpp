// One connection of the call fuzzer: the server's end of it, call by call, and after every call the
// laws, by a model that has both texts and what has been read and written of them. Calls only the
// exported functions; what the client saw, it asks the fake kernel.
#pragma once

#include "calls_kernel.hpp"
#include "calls_texts.hpp"
#include "calls_ways.hpp"
#include "law.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>

namespace lastcall::fake {

class Talk {
public:
    Talk(Play play, std::uint64_t cookie, bool blocking) : play_(std::move(play)) {
        socket.cookie = cookie;
        socket.blocking = blocking;
        socket.coming = play_.asked;
    }

    Socket socket;

    // A socket that the guest was never told of: no law but that nothing is touched.
    void be_alien() {
        play_.last = 0;
        disturb();
    }
    // Something happened after which the last exchange need not be edited any more.
    void disturb() { plain_ = false; }
    void lose() { lost_ = true; }

    void read(int fd, unsigned way, std::size_t size);
    void write(int fd, unsigned way, std::size_t size, bool early);
    void shut_down(int fd, int how);
    // Behind the guest's back.
    void read_unseen(std::size_t size);
    void write_unseen(std::size_t size);

    // What a good server does when nothing stands in its way.
    void finish(int fd);

    void check() const;
    void check_closed(bool faulted) const;

private:
    // A law, and if it is broken, the connection as it is, for people.
    void uphold(bool holds) const;

    enum class Form : std::uint8_t { untouched, edited, released, none };

    [[nodiscard]] std::string offered(std::size_t size, bool early);
    [[nodiscard]] std::size_t answerable() const;
    [[nodiscard]] Form form() const;
    [[nodiscard]] bool is_untouched() const;
    [[nodiscard]] std::size_t last_end() const;
    [[nodiscard]] std::string edited_text() const;
    [[nodiscard]] std::string given_up(const Head& head, std::size_t behind) const;
    [[nodiscard]] bool is_given_up(const Head& head, std::size_t most_missing) const;
    [[nodiscard]] bool is_given_up(std::size_t most_missing) const;
    [[nodiscard]] bool said_close() const;
    [[nodiscard]] bool adding() const;
    [[nodiscard]] bool other_last() const;
    void took(ssize_t size, const char* bytes, std::size_t room, bool peeked);
    void wrote(ssize_t size, std::size_t offered);

    Play play_;
    std::size_t delivered_ = 0;
    std::size_t accepted_ = 0;
    std::size_t crossed_ = 0;  // how far calls went over the end of the last response before FIN
    bool open_ = true;         // when the last call was made, nobody had said FIN
    bool plain_ = true;        // nothing odd has happened
    bool lost_ = false;        // closed, or replaced, where nobody could see it
    bool half_closed_ = false;
    bool miscounted_ = false;  // the guest has not seen every byte of the requests
};

}  // namespace lastcall::fake
