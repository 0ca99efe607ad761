// A read that meets nothing is the server's own call, which waits as it would; from the tear-down
// on, for as long as the client has to take the response and to say FIN. Once bytes have been
// thrown away that the server would have been given, it ends as soon as no reset can destroy the
// response any more.

#include "lingering.hpp"

#include "behind.hpp"
#include "guest.hpp"
#include "http1/intake.hpp"
#include "ingress.hpp"
#include "kernel.hpp"
#include "next.hpp"
#include "outlet.hpp"
#include "patience.hpp"
#include "status.hpp"
#include "switching.hpp"

#include <fcntl.h>
#include <poll.h>
#include <algorithm>

namespace lastcall::lingering {
namespace {

bool is_end(const Buffers& in, ssize_t size) {
    return size == 0 && (in.count == 0 || in.size() > 0);
}

// Has the response left where we could not see it, after bytes behind its request were discarded?
// Then the client may believe that the connection goes on, and the server must not wait for it.
bool answered_unseen(Slot slot, int fd) {
    Connection& connection = slot.connection();
    const Facts facts = slot.facts();
    if (facts.is(Fact::said_close) || !facts.is(Fact::discarded)) return false;
    const auto proof = kernel::prove_output(fd, connection, kernel::Writers::perhaps);
    if (proof != kernel::Proof::refused) return false;
    turn_opaque(slot, Opaque::unproven);
    if (!outlet::claim(slot)) return false;
    outlet::end_input(slot, fd);
    outlet::release(slot);
    return true;
}

// One read.
class Read {
public:
    Read(Slot slot, int fd, const Buffers& in, int flags, Call call)
        : slot_(slot),
          connection_(slot.connection()),
          in_(in),
          call_(call),
          fd_(fd),
          flags_(flags),
          kept_(errno) {}

    ssize_t receive() {
        blocks_ = kernel::blocks(fd_, flags_);
        errno = kept_;
        if (blocks_ || !slot_.facts().is(Fact::said_close)) {
            if (!outlet::is_same(slot_, fd_)) return call_();
            if (answered_unseen(slot_, fd_)) return 0;
        }
        return blocks_ ? wait() : look();
    }

private:
    // An answer of the server's read; none: it goes on.
    using Answer = std::optional<ssize_t>;

    [[nodiscard]] bool is_ours() const { return table::means(fd_, slot_); }

    // A read that neither waits nor returns bytes answers what the kernel says, whichever socket it
    // was of: then only bytes are asked whose they are.
    ssize_t look() const {
        for (int round = 0; round < behind::most_rounds; ++round) {
            // Closed meanwhile by another thread, the number may be anybody's.
            if (round > 0 && !is_ours()) return 0;
            const ssize_t size = call_();
            if (is_end(in_, size)) return hides_end() ? failed(EAGAIN) : 0;
            if (size <= 0) return size;
            if (const Answer answer = judge(static_cast<std::size_t>(size))) return *answer;
        }
        return failed(EAGAIN);
    }

    // The client's FIN. Is it to be hidden? Not for ever: the server may wait for input that it
    // takes for a part of the last request.
    [[nodiscard]] bool hides_end() const {
        const bool hides = slot_.facts().hides_end() && kernel::half_closed(fd_);
        if (hides && is_hidden_still()) return true;
        note_end();
        return false;
    }
    [[nodiscard]] bool is_hidden_still() const {
        constexpr std::int32_t most = 30'000;
        if (!behind::claim(slot_)) return false;
        const auto now = static_cast<std::uint32_t>(guest::now());
        if (connection_.hidden == 0) connection_.hidden = now | 1;
        const bool still = static_cast<std::int32_t>(now - connection_.hidden) < most;
        connection_.in.release(slot_.generation());
        return still;
    }
    void note_end() const { connection_.life.state(slot_.generation(), Fact::ended); }

    // So many bytes, all behind the last request, have been read or peeked. No answer: they are
    // gone.
    Answer judge(std::size_t size) const {
        const KeepErrno keep;
        const bool peeked = (flags_ & MSG_PEEK) != 0;
        // Of a connection that is dead by now, or of the one that has its number: as without us.
        if (!behind::claim(slot_)) return static_cast<ssize_t>(size);
        if (!peeked) behind::count_taken(connection_, size);
        const Facts facts = connection_.life.facts();
        if (facts.speaks_http2()) {  // that request's response has switched the protocol
            const ssize_t kept =
                peeked ? static_cast<ssize_t>(size) : switching::read_late(slot_, in_, size);
            connection_.in.release(slot_.generation());
            return kept;
        }
        const bool waits =
            blocks_ && (is_asked_about(connection_) || is_one_of_several_anywhere(connection_));
        const bool possible = waits && facts.followed() && !facts.is(Fact::said_close);
        // Bytes that are in no buffer could not be followed (splice; MSG_TRUNC on a stream).
        if (possible && in_.count > 0 && (flags_ & MSG_TRUNC) == 0) {
            const Trigger trigger = intake::put_off(slot_);
            status::take_back(trigger);
            if (trigger != Trigger::none) return judge_anew(size);
        }
        switch (throw_away(peeked ? 0 : size)) {
            case Fate::gone: return {};
            case Fate::ended: return 0;
            case Fate::refused: break;
        }
        return static_cast<ssize_t>(size);
    }

    // So many bytes that are out of the socket, and all that are in it. Releases the direction.
    enum class Fate : std::uint8_t { gone, ended, refused };
    [[nodiscard]] Fate throw_away(std::size_t size) const {
        Fate fate = Fate::gone;
        if (!behind::discard(slot_, fd_, size)) {
            fate = behind::ended(slot_, fd_) ? Fate::ended : Fate::refused;
        }
        connection_.in.release(slot_.generation());
        return fate;
    }

    // What was taken for the last request is not it; the direction is claimed.
    Answer judge_anew(std::size_t size) const {
        if ((flags_ & MSG_PEEK) != 0) {
            connection_.in.release(slot_.generation());
            return ingress::peek(slot_, fd_, in_, call_);
        }
        const intake::Arrival arrival = intake::judge(slot_, {fd_, flags_}, in_, size, 0);
        connection_.in.release(slot_.generation());
        return arrival.again ? Answer{} : arrival.delivered;
    }

    // As the server's own call, which holds its socket while it waits; until it has met something,
    // or we have half-closed.
    ssize_t wait() const {
        bool met = false;  // bytes that this call returned, and the server's own would have
        while (!met && !slot_.facts().is(Fact::torn_down)) {
            const ssize_t size = call_();
            if (is_end(in_, size)) note_end();
            if (size <= 0) return size;
            if (const Answer answer = judge(static_cast<std::size_t>(size))) return *answer;
            met = true;
        }
        return wait_in_slices(met);
    }

    ssize_t wait_in_slices(bool met) const {
        Patience patience(slot_, fd_);
        if (met) patience.meet();
        for (;;) {
            const int left = patience.left();
            if (left == 0) return patience.ends_input() ? 0 : failed(EAGAIN);
            if (const Answer answer = wait_slice(left, patience)) return *answer;
        }
    }

    // What stands in the error queue ends a poll at once and for ever, but a read would go on
    // waiting.
    Answer wait_slice(int milliseconds, Patience& patience) const {
        constexpr short input = POLLIN | POLLRDHUP | POLLHUP;
        constexpr int pause = 50;
        pollfd waiting{fd_, POLLIN | POLLRDHUP, 0};
        int ready = next::poll(&waiting, 1, milliseconds);
        if (ready > 0 && (waiting.revents & input) == 0) {
            ready = next::poll(nullptr, 0, std::min(milliseconds, pause));
        }
        if (ready < 0 && (errno != EINTR || !kernel::restarts_reads(fd_))) return -1;
        errno = kept_;
        // Closed meanwhile the number may be anybody's. A call that is made again behind a signal's
        // handler is told so; one of which another thread has taken it, that nothing comes.
        if (!is_ours()) return ready < 0 && next::fcntl(fd_, F_GETFD, 0) < 0 ? -1 : 0;
        return ready > 0 ? take(waiting.revents, patience) : Answer{};
    }

    // Something is there: the end, or it is thrown away. What is read here by a number that passes
    // on at this very moment is another client's; so nothing is, unless there are bytes.
    Answer take(short events, Patience& patience) const {
        if ((events & POLLERR) != 0) return call_();
        const bool unread = kernel::has_unread(fd_);
        if (!is_ours()) return 0;
        if (!unread) return end();
        if (!behind::claim(slot_)) return 0;
        switch (throw_away(0)) {
            case Fate::gone: break;
            case Fate::ended: return 0;
            case Fate::refused: return call_();
        }
        patience.meet();
        return {};
    }

    // Of which only a message has more to tell than that it is one.
    Answer end() const {
        note_end();
        return in_.count == 0 ? call_() : 0;
    }

    Slot slot_;
    Connection& connection_;
    const Buffers& in_;
    Call call_;
    int fd_;
    int flags_;
    int kept_;
    bool blocks_ = false;
};

}  // namespace

ssize_t receive(Slot slot, int fd, const Buffers& in, int flags, Call call) {
    return Read(slot, fd, in, flags, call).receive();
}

}  // namespace lastcall::lingering
