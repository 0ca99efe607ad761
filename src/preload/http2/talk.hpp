// A connection that speaks HTTP/2, or seems about to: its conversation, in the pool, and how it
// comes to have one and loses it again. The output is claimed wherever a talk is touched, by
// whoever reads as well: the two directions of such a conversation are one.
#pragma once

#include <lastcall/http2/conversation.hpp>

#include "../calls.hpp"
#include "../pool.hpp"
#include "../table.hpp"

namespace lastcall {

struct Talk {
    http2::Conversation conversation;
    Opaque fate = Opaque::no;  // opaque for this, once no frame of ours is cut any more

    std::uint32_t index = 0;  // in the pool
    std::atomic<std::uint32_t> next_free = 0;
};

namespace talk {

// Null: nothing has been said yet behind the response that switches the protocol.
[[nodiscard]] inline Talk* of(const Connection& connection) {
    return connection.talk == 0 ? nullptr : &pool::talk_at(connection.talk - 1);
}

[[nodiscard]] inline bool is_cut(const Connection& connection) {
    const Talk* const talk = of(connection);
    return talk != nullptr && talk->conversation.is_cut();
}

// Are these bytes of our GOAWAY? The output is claimed.
[[nodiscard]] inline bool is_saying(const Connection& connection, Bytes out) {
    const Talk* const talk = of(connection);
    return talk != nullptr && talk->conversation.is_ours(out.data());
}

// Has its client been told to go? The output is claimed here.
[[nodiscard]] bool is_told(Slot slot);

// As soon as there is something to follow. Null: no memory, and the connection is opaque.
[[nodiscard]] Talk* begin(Connection& connection);
// Its client's preface has begun, and HTTP/1.1 has followed the first bytes; the input is claimed.
void begin_input(Connection& connection, Talk& talk);

// The kernel has taken these bytes, of the server's or of ours.
void follow_output(Slot slot, int fd, Bytes out);
// The same, of bytes that are the server's for sure.
void follow_servers(Connection& connection, Bytes out);
// So many that nobody has seen.
void follow_unseen(Connection& connection, std::size_t size);
// The server has read these, from `start` on; the input is claimed, and the output claimed here.
void follow_input(Slot slot, Buffers in, std::size_t start, std::size_t size);
void follow_input(Slot slot, Bytes in);
void follow_input_unseen(Connection& connection, std::size_t size);

// Is it what a server's first frame begins with?
[[nodiscard]] bool may_begin_with(Bytes out);

// Is this the socket, at the position that has been counted, for our GOAWAY or for what is left of
// it? If not, the connection is opaque.
[[nodiscard]] bool may_say(Slot slot, int fd);
[[nodiscard]] bool may_go_on(Slot slot, int fd);

// Frames are not followed any further.
[[gnu::cold]] void leave(Connection& connection, Opaque reason);

}  // namespace talk
}  // namespace lastcall
