// What is claimed about a last response: its bytes, what the client sees of them, and then.
#pragma once

#include "conversation.hpp"
#include "wire.hpp"

namespace lastcall::last_response {

inline constexpr auto ordinary = RequestKind::ordinary;
inline constexpr auto head = RequestKind::head;

enum class Then : std::uint8_t { over, passing, more };

struct Expected {
    std::string wire;
    Then then;
    Opaque reason = Opaque::no;
    bool persists = true;
};

// The last of `kinds` is the last request's; the server writes the text.
inline void check(const Kinds& kinds, const std::string& text, const Expected& expected) {
    at_every_split(text, [&](const Parts& parts) {
        Conversation conversation(kinds, static_cast<std::uint32_t>(kinds.size()),
                                  expected.persists);
        for (const Bytes part : parts) CHECK(conversation.write(part));
        if (expected.then == Then::more) conversation.close();
        CHECK(conversation.wire == expected.wire);
        CHECK(conversation.reason == expected.reason);
        CHECK(conversation.responses.over() == (expected.then == Then::over));
        CHECK(conversation.responses.passing() == (expected.then == Then::passing));
    });
}

inline const std::string ok = "HTTP/1.1 200 OK|Content-Length: 2||ok"_wire;
inline const std::string ok_to_head = "HTTP/1.1 200 OK|Content-Length: 2||"_wire;
inline const std::string edited = "HTTP/1.1 200 OK|Content-Length: 2|Connection: close||ok"_wire;
inline const std::string proceed = "HTTP/1.1 100 Continue|Connection: keep-alive||"_wire;

}  // namespace lastcall::last_response
