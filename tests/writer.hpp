// A server that writes through a desk to a kernel that takes as little as it likes, and offers
// again what was not accepted. For tests and fuzz targets.
#pragma once

#include "../src/preload/http1/desk.hpp"

#include "conversation.hpp"

#include <algorithm>
#include <memory>

namespace lastcall {

// Buffers at places of their own: no two of them adjoin.
class Gathered {
public:
    explicit Gathered(const std::vector<Bytes>& parts) : texts_(parts.begin(), parts.end()) {
        for (std::string& text : texts_) vector_.push_back({text.data(), text.size()});
    }
    [[nodiscard]] Buffers buffers() const { return {vector_.data(), vector_.size()}; }

private:
    std::vector<std::string> texts_;
    std::vector<iovec> vector_;
};

struct Writer {
    Exchanges exchanges;
    Responses responses;
    std::unique_ptr<Desk> desk = std::make_unique<Desk>();
    std::string wire;
    Opaque reason = Opaque::no;
    std::size_t stretch = Buffers::all;  // bytes that one plan may look into

    Writer(const Kinds& kinds, std::uint32_t last) { begin_exchanges(exchanges, kinds, last); }

    // One call of the server, beginning at `start`; returns the bytes accepted. take: how many the
    // kernel takes of as many as it is given; none is its EAGAIN.
    template <typename Take>
    std::size_t call(Buffers offered, std::size_t start, Take&& take) {
        const std::size_t size = offered.size();
        std::size_t accepted = start;
        for (;;) {
            static_cast<void>(desk->plan(responses, exchanges, offered, accepted, look(accepted)));
            const std::size_t batch = desk->size();
            const std::size_t sent = batch == 0 ? 0 : std::min(batch, take(batch));
            if (batch > 0 && sent == 0) return accepted - start;
            send(sent);
            const auto [more, why, behind] = desk->commit(responses, exchanges, sent);
            accepted += more;
            if (reason == Opaque::no) reason = why;
            if (accepted == size || (sent < batch && accepted > start)) return accepted - start;
        }
    }

    // The server's whole effort to write the buffers.
    template <typename Take>
    void write(Buffers offered, Take&& take) {
        const std::size_t size = offered.size();
        for (std::size_t done = 0; done < size;) done += call(offered, done, take);
    }

private:
    [[nodiscard]] std::size_t look(std::size_t start) const {
        const std::uint64_t unseen = responses.countable();
        const std::size_t most = Buffers::all - start;
        return unseen >= most || stretch >= most - unseen ? Buffers::all : start + unseen + stretch;
    }
    void send(std::size_t size) {
        const Buffers batch{desk->parts.data(), desk->part_count};
        batch.walk(0, size, [&](Bytes part) {
            wire += part;
            return part.size();
        });
    }
};

// What the client sees if the same parts are sent without a short write.
inline std::string written_at_once(const Kinds& kinds, std::uint32_t last,
                                   const std::vector<Bytes>& parts) {
    Conversation conversation(kinds, last);
    for (const Bytes part : parts) {
        if (!conversation.write(part)) return "a step broke its promise";
    }
    return conversation.wire;
}

}  // namespace lastcall
