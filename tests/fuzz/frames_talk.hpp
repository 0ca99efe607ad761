// One HTTP/2 connection of the call fuzzer: a client that opens streams, a server that answers them
// by every call there is, and after each the laws, by the plain parser of frames_model.hpp. What
// the client saw, it asks the fake kernel. Knows frames, and nothing of how the guest follows them.
#pragma once

#include "calls_kernel.hpp"
#include "calls_ways.hpp"
#include "frames_model.hpp"

#include <functional>
#include <optional>

namespace lastcall::fake {

class FramesTalk {
public:
    using Next = std::function<unsigned()>;

    FramesTalk(Next next, std::uint32_t limit, std::uint64_t cookie);

    Socket socket;

    // The client says more, by what chance has it.
    void say_more();
    void read(int fd, unsigned way, std::size_t size);
    void write(int fd, unsigned way, std::size_t size);
    void shut_down(int fd, int how);
    // Behind the guest's back.
    void read_unseen(std::size_t size);
    void write_unseen(std::size_t size);

    // A socket that the guest was never told of.
    void be_alien() { limit_ = 0; }
    // The guest need not tell the client any more, nor finish.
    void disturb() { plain_ = false; }
    // Closed, or given to another, where nobody could see it.
    void lose() { lost_ = true, plain_ = false; }
    // It has had another name than its first: nobody need find it by that one.
    void rename() { named_once_ = false; }

    // What a good client and a good server do when nothing stands in their way.
    void finish(int fd);

    void check();
    void check_closed(bool faulted);

private:
    enum class Start : std::uint8_t { bare, proxied, upgraded, nonsense };

    // A law, and if it is broken, the connection as it is, for people.
    void uphold(bool holds, int line) const;

    void say(const std::string& bytes);
    [[nodiscard]] std::string frame(unsigned type, unsigned flags, std::uint32_t stream,
                                    std::size_t size);
    void greet();
    void end_halves();
    void took(ssize_t size, const char* bytes, std::size_t room, bool peeked);
    void hear();
    [[nodiscard]] bool may_write() const;
    void note_finish();
    [[nodiscard]] bool is_recognised() const;
    [[nodiscard]] std::uint32_t stream_to_answer();
    void grow();
    void answer_all();
    void note_offered(std::size_t before);
    void wrote(ssize_t size, std::size_t offered, bool in_order);
    void follow_written();
    [[nodiscard]] Bytes written() const;  // the frames of it
    [[nodiscard]] std::size_t readable_unseen() const;
    [[nodiscard]] std::optional<std::size_t> due_place(std::size_t since) const;
    [[nodiscard]] bool fits(std::size_t place, std::size_t sent) const;
    void check_told(std::size_t sent);
    void check_finished();

    Next next_;
    std::uint32_t limit_;
    Start start_;
    bool speaks_first_;

    std::string asked_;                  // all that the client says
    std::size_t before_ = 0;             // of it, bytes before the preface
    std::size_t delivered_ = 0;          // of it, what the server has read
    std::size_t heard_ = 0;              // happenings of it
    std::uint32_t newest_ = 1;           // odd: the next stream that the client opens
    std::vector<std::uint32_t> halves_;  // streams in which it has more to say

    std::string answers_;       // all that the server has offered
    std::size_t switched_ = 0;  // of it, bytes before the frames
    std::size_t accepted_ = 0;  // of it, what it was told had been taken
    std::size_t seen_ = 0;      // happenings of it
    std::uint32_t block_ = 0;   // the field block it is within
    bool wrong_ = false;        // it has said what is no frame

    http2::model::Streams streams_;
    http2::model::Streams offered_;  // with all that the server has offered
    std::uint32_t exchanges_ = 0;
    std::uint64_t stirred_ = 0;         // when a stream began or ended
    std::optional<std::size_t> due_;    // bytes accepted when it was
    std::size_t late_ = 0;              // and those under way then, or in calls that none may join
    bool greeted_ = false;              // the server has been given the whole preface
    std::optional<std::size_t> place_;  // where our GOAWAY stands
    std::optional<std::size_t> finished_;  // bytes accepted when the client was left
    int reading_ = 0;                      // calls under way
    int writing_ = 0;
    bool plain_ = true;
    bool spliced_ = false;  // input went where nobody could throw it away
    bool lost_ = false;
    bool named_once_ = true;
    bool half_closed_ = false;
};

}  // namespace lastcall::fake
