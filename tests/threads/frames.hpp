// What goes over the wire in HTTP/2: requests that carry a number of their own, the response to
// each, and a reader of frames for either side. Beside the wire, in memory that clients and server
// share, stands which requests were executed and of which a client was told that they never will
// be.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace lastcall::threads {

struct Frame {
    unsigned type = 0;
    unsigned flags = 0;
    std::uint32_t stream = 0;
    std::string payload;

    [[nodiscard]] bool ends_stream() const { return (flags & 1) != 0 && type <= 1; }
};

// What either side says first.
std::string client_greeting();
std::string server_greeting();
std::string open_stream(std::uint32_t stream, std::uint32_t number, bool with_content);
std::string answer_stream(std::uint32_t stream, std::uint32_t number);
std::string content_of(std::uint32_t number);

// Of the bytes held, the first frame; false: it is not whole.
bool take_frame(std::string& held, Frame& frame);
std::uint32_t number_in(const Frame& frame);

class Ledger {
public:
    // Clients and server, which are processes, have one.
    static Ledger& shared();

    std::uint32_t new_number() { return newest_.fetch_add(1); }
    void execute(std::uint32_t number) { note(number, executed); }
    // Its client has been told that it never will be.
    void refuse(std::uint32_t number) { note(number, refused); }
    void finish() { ++finished_; }

    // Was any request both? Begins anew.
    [[nodiscard]] bool is_consistent();

private:
    enum Mark : std::uint8_t { executed = 1, refused = 2 };
    static constexpr std::uint32_t most = 1U << 22;
    void note(std::uint32_t number, Mark mark) { marks_[number % most].fetch_or(mark); }

    std::atomic<std::uint32_t> newest_;
    std::atomic<std::uint32_t> finished_;
    std::atomic<std::uint8_t> marks_[most];
};

}  // namespace lastcall::threads
