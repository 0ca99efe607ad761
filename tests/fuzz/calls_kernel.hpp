// A kernel made of strings, beneath the guest: the next definitions point here, and the few
// questions it asks of libc itself (getsockopt, ioctl, getsockname, poll) are answered here, too.
// Knows sockets as TCP shows them to a server: bytes in order, FIN, reset. Refuses to know HTTP.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>

namespace lastcall::fake {

struct Socket {
    std::uint64_t cookie = 0;
    int names = 0;  // descriptors that mean it
    bool blocking = false;
    std::string coming;  // the client's bytes on their way
    std::string unread;  // those that have arrived
    std::uint64_t taken = 0;
    std::string wire;           // what the client has seen
    bool client_waits = false;  // for the server, before it says more
    bool client_done = false;   // its FIN has arrived
    bool reset = false;
    bool input_shut = false;
    bool output_shut = false;    // FIN has gone,
    bool shut_by_guest = false;  // in a call that was no shutdown of the server's
};

enum class Fault : std::uint8_t { none, short_count, again, interrupted, reset, no_buffers };

inline constexpr int first_number = 600;
inline constexpr int numbers = 40;

struct Kernel {
    std::array<Socket*, numbers> meaning{};
    Fault fault = Fault::none;    // of the next call that moves bytes
    std::size_t short_by = 1;     // what a short count leaves
    bool faulted = false;         // one has struck since the flag was cleared
    bool shutting_down = false;   // the server itself is in shutdown
    bool broken = false;          // bytes were sent behind the guest's own FIN
    Socket* accepting = nullptr;  // what the next accept returns
    // What other threads do while the next call that moves bytes is in the kernel.
    std::function<void()> meanwhile;

    [[nodiscard]] Socket* at(int fd) const {
        const bool ours = fd >= first_number && fd < first_number + numbers;
        return ours ? meaning[static_cast<std::size_t>(fd - first_number)] : nullptr;
    }
    // The lowest free number, as the kernel gives them.
    int name(Socket& socket);
    void rename(int fd, Socket* socket);
};

extern Kernel kernel;

// Milliseconds on the coarse clock; never goes back.
extern std::uint64_t moment;

// Points the next definitions here, once.
void take_over();
// The same for system calls that go past every definition.
void catch_raw_calls();

// Bytes of the client's arrive; with none left, its FIN does.
void arrive(Socket& socket, std::size_t most);

}  // namespace lastcall::fake
