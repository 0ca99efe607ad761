// Both sides of a connection as the guest runs them, without a kernel: what is read is taken at
// once, what is written is sent at once. For tests and fuzz targets.
#pragma once

#include <lastcall/http1/requests.hpp>
#include <lastcall/http1/responses.hpp>

#include <string>
#include <vector>

namespace lastcall {

using Kinds = std::vector<RequestKind>;

// What comes behind the bytes that were understood is nothing to most tests.
inline Opaque follow(Responses& responses, Bytes in, Exchanges& exchanges) {
    Bytes rest;
    return responses.follow(in, exchanges, rest);
}

// The request side: what has been delivered of what arrived.
struct Arrivals {
    Exchanges exchanges;
    Requests requests;
    std::size_t delivered = 0;
    Opaque reason = Opaque::no;

    // The server reads. False if the answer breaks what every answer promises.
    bool read(Bytes in, const Policy& policy) {
        if (reason != Opaque::no) {  // opaque: nobody looks any more
            delivered += in.size();
            return true;
        }
        const bool over = requests.over();
        const Requests::Intake intake = requests.take(in, exchanges, policy);
        delivered += intake.delivered;
        reason = intake.reason;
        const bool all = intake.delivered == in.size();
        if (reason != Opaque::no) return all && !over;
        return (all || requests.over()) && (!over || intake.delivered == 0);
    }
};

inline constexpr std::uint32_t none_is_last = 0;

// Begins one exchange for each kind; the last one's number, if any, is picked as it is begun.
// CONNECT is never picked.
inline void begin_exchanges(Exchanges& exchanges, const Kinds& kinds, std::uint32_t last,
                            bool persists = true) {
    for (const RequestKind kind : kinds) {
        if (!exchanges.begin(kind)) return;
        const bool picked = exchanges.begun() == last && kind != RequestKind::connect;
        if (picked) exchanges.pick_newest(persists);
    }
}

struct Conversation {
    Exchanges exchanges;
    Responses responses;
    CloseOption edit;
    std::string wire;            // what the client sees
    Opaque reason = Opaque::no;  // the first one given

    Conversation(const Kinds& kinds, std::uint32_t last, bool persists = true) {
        begin_exchanges(exchanges, kinds, last, persists);
    }

    // The server writes. False if a step breaks what every step promises.
    bool write(Bytes in) {
        while (!in.empty()) {
            CloseOption::Output out{text_};
            const Responses::Step step = responses.step(in, exchanges, edit, out);
            const bool moves = step.taken > 0 || step.sent > 0 || responses.passing();
            const bool bounded =
                step.taken <= in.size() && step.sent <= (step.verbatim ? step.taken : out.size());
            if (!moves || !bounded) return false;
            wire += step.verbatim ? first(in, step.sent) : Bytes{text_.data(), step.sent};
            if (reason == Opaque::no) reason = step.reason;
            in = from(in, step.taken);
            exchanges.answered(responses.answered());
        }
        return true;
    }

    // The server closes: what is held back leaves.
    void close() {
        if (responses.said_close()) return;
        wire += Bytes{text_.data(), edit.release(CloseOption::Output{text_})};
    }

private:
    std::array<char, CloseOption::longest_output> text_{};
};

}  // namespace lastcall
