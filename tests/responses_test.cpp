// Claims about responses before the last one: each is matched to its request, all pass as they
// are, and what is not understood makes the connection opaque. The last response is in
// last_response_test.cpp.

#include <lastcall/http1/responses.hpp>

#include "conversation.hpp"
#include "wire.hpp"

namespace lastcall {
namespace {

constexpr auto ordinary = RequestKind::ordinary;
constexpr auto head = RequestKind::head;
constexpr auto connect = RequestKind::connect;

// Follows as the guest does before the last exchange is picked.
Opaque follow(Responses& responses, Exchanges& exchanges, const Parts& parts) {
    for (const Bytes part : parts) {
        const Opaque reason = follow(responses, part, exchanges);
        if (reason != Opaque::no) return reason;
    }
    return Opaque::no;
}

// Said by follow, and by step, which sends everything on as it is.
void check(const Kinds& kinds, const std::string& text, Opaque reason, std::uint32_t answered) {
    at_every_split(text, [&](const Parts& parts) {
        Exchanges exchanges;
        begin_exchanges(exchanges, kinds, none_is_last);
        Responses responses;
        CHECK(follow(responses, exchanges, parts) == reason);
        CHECK(responses.answered() == answered);
        Conversation conversation(kinds, none_is_last);
        for (const Bytes part : parts) CHECK(conversation.write(part));
        CHECK(conversation.wire == text);
        CHECK(conversation.reason == reason);
        CHECK(conversation.responses.answered() == answered);
        CHECK(conversation.responses.passing() == (reason != Opaque::no));
        CHECK_FALSE(conversation.responses.said_close());
    });
}

const std::string ok = "HTTP/1.1 200 OK|Content-Length: 2||ok"_wire;
const std::string ok_to_head = "HTTP/1.1 200 OK|Content-Length: 2||"_wire;
const std::string chunked = "HTTP/1.1 200 OK|Transfer-Encoding: chunked||1|0|0||"_wire;
const std::string until_close = "HTTP/1.1 200 OK||x"_wire;
const std::string proceed = "HTTP/1.1 100 Continue||"_wire;

TEST_SUITE("responses before the last") {
    TEST_CASE("are matched to requests in their order (RFC 9112 9.3)") {
        check({ordinary}, ok, Opaque::no, 1);
        check({ordinary, ordinary}, ok + chunked, Opaque::no, 2);
        check({head, ordinary, head}, ok_to_head + ok + ok_to_head, Opaque::no, 3);
        check({ordinary, ordinary, ordinary}, ok, Opaque::no, 1);
        check({ordinary, ordinary}, ok + until_close + ok, Opaque::no, 1);
    }

    TEST_CASE("have interim responses before them, any number (RFC 9110 15.2)") {
        check({ordinary}, proceed + proceed + "HTTP/1.1 103 Hints|Link: x||"_wire + ok, Opaque::no,
              1);
        check({head}, proceed + ok_to_head, Opaque::no, 1);
        check({ordinary}, proceed, Opaque::no, 0);
    }

    TEST_CASE("say close or keep-alive, and stay as they are") {
        check({ordinary}, "HTTP/1.1 204 x|Connection: keep-alive|Keep-Alive: 5||"_wire, Opaque::no,
              1);
        check({ordinary}, "HTTP/1.1 204 x|Connection: close||"_wire, Opaque::no, 1);
    }

    TEST_CASE("may be whole before their requests are") {
        Conversation conversation({ordinary}, none_is_last);
        CHECK(conversation.write(ok));
        CHECK(conversation.exchanges.begin(ordinary));
        CHECK(conversation.write(ok));
        CHECK(conversation.responses.answered() == 2);
        CHECK(conversation.reason == Opaque::no);
    }

    TEST_CASE("to CONNECT that refuse are like any (RFC 9110 9.3.6)") {
        check({connect, ordinary}, "HTTP/1.1 407 No|Content-Length: 2||no"_wire + ok, Opaque::no,
              2);
    }
}

TEST_SUITE("empty lines between responses") {
    TEST_CASE("pass as they are, with a request outstanding and without") {
        check({ordinary}, ok + "||\n"_wire, Opaque::no, 1);
        check({ordinary, ordinary}, ok + "|\n"_wire + ok + "|"_wire, Opaque::no, 2);
        check({head, ordinary}, ok_to_head + "|"_wire + chunked + "\r", Opaque::no, 2);
        check({}, "|"_wire, Opaque::no, 0);
        check({ordinary}, "|"_wire + proceed + "|"_wire + ok, Opaque::no, 1);
    }

    TEST_CASE("are no response") {
        check({ordinary}, ok + "|"_wire + ok, Opaque::unsolicited, 1);
        check({ordinary}, ok + "| "_wire, Opaque::unsolicited, 1);
    }

    TEST_CASE("end with LF") {
        check({ordinary, ordinary}, ok + "\r\r\n" + ok, Opaque::not_http, 1);
        check({ordinary}, ok + "\rH", Opaque::not_http, 1);
    }

    TEST_CASE("are none of the last response behind them") {
        Conversation conversation({ordinary, ordinary}, 2);
        CHECK(conversation.write(ok + "\r\n\r"));
        CHECK_FALSE(conversation.responses.begun_last(conversation.exchanges));
        CHECK(conversation.write("\nH"));
        CHECK(conversation.responses.begun_last(conversation.exchanges));
        CHECK(conversation.write(from(ok, 1)));
        CHECK(conversation.responses.over());
        CHECK(conversation.wire == ok + "||"_wire + "HTTP/1.1 200 OK|Content-Length: 2|"_wire +
                                       "Connection: close||ok"_wire);
    }

    TEST_CASE("before the last are followed, and it is not") {
        Exchanges exchanges;
        begin_exchanges(exchanges, {ordinary, ordinary}, 2);
        Responses responses;
        CHECK(follow(responses, ok + "\r\n", exchanges) == Opaque::no);
        CHECK(follow(responses, "\nH", exchanges) == Opaque::unsolicited);
    }
}

TEST_SUITE("responses that make a connection opaque") {
    TEST_CASE("101 switches protocols (RFC 9110 15.2.2)") {
        check({ordinary}, "HTTP/1.1 101 Switching|Upgrade: x||\x81\x05hello"_wire, Opaque::upgrade,
              0);
        check({head, ordinary}, ok_to_head + proceed + "HTTP/1.1 101 x||"_wire, Opaque::upgrade, 1);
    }

    TEST_CASE("2xx to CONNECT makes a tunnel, whatever its fields say (RFC 9112 6.3 (2))") {
        check({connect}, "HTTP/1.1 200 OK||\x16\x03"_wire, Opaque::tunnel, 0);
        check({connect}, "HTTP/1.1 299 x|Content-Length: 2||ok"_wire, Opaque::tunnel, 0);
        check({ordinary, connect}, ok + "HTTP/1.1 204 x||"_wire, Opaque::tunnel, 1);
    }

    TEST_CASE("one without a request is unsolicited") {
        check({}, "HTTP/1.1 408 Timeout|Connection: close||"_wire, Opaque::unsolicited, 0);
        check({ordinary}, ok + "HTTP/1.1 408 Timeout||"_wire, Opaque::unsolicited, 1);
        check({}, "x", Opaque::unsolicited, 0);
    }

    TEST_CASE("a body behind a response to HEAD is no response") {
        check({head, ordinary}, ok_to_head + "ok" + ok, Opaque::not_http, 1);
        check({head}, ok_to_head + "ok", Opaque::unsolicited, 1);
    }

    TEST_CASE("malformed ones are let go for their reason") {
        check({ordinary}, "HTTP/2 200|"_wire, Opaque::not_http, 0);
        check({ordinary}, "<html>"_wire, Opaque::not_http, 0);
        check({ordinary}, "HTTP/1.1 200 OK|A: b|\rx"_wire, Opaque::malformed_head, 0);
        check({ordinary}, "HTTP/1.1 200 OK|Content-Length: 1|Content-Length: 2||x"_wire,
              Opaque::ambiguous_length, 0);
        check({ordinary}, "HTTP/1.0 200 OK|Transfer-Encoding: chunked||0||"_wire,
              Opaque::ambiguous_length, 0);
        check({ordinary}, "HTTP/1.1 200 OK|Transfer-Encoding: identity, chunked||x"_wire,
              Opaque::unknown_coding, 0);
        check({ordinary}, "HTTP/1.1 200 OK|Transfer-Encoding: chunked||x"_wire,
              Opaque::malformed_body, 0);
    }

    TEST_CASE("the last one is never followed, for it would go out unedited") {
        Exchanges exchanges;
        begin_exchanges(exchanges, {ordinary, ordinary}, 2);
        Responses responses;
        CHECK(follow(responses, ok, exchanges) == Opaque::no);
        CHECK(follow(responses, "H", exchanges) == Opaque::unsolicited);
    }
}

TEST_SUITE("response body that passes unseen") {
    TEST_CASE("is what is left of it, or of its chunk") {
        Conversation conversation({ordinary, ordinary, ordinary}, none_is_last);
        Responses& responses = conversation.responses;
        CHECK(responses.countable() == 0);
        CHECK(conversation.write(ok_to_head));
        CHECK(responses.countable() == 2);
        responses.skip(1, conversation.exchanges);
        CHECK(responses.countable() == 1);
        responses.skip(1, conversation.exchanges);
        CHECK(responses.countable() == 0);
        CHECK(responses.answered() == 1);
        CHECK(conversation.write(first(chunked, chunked.size() - 8)));
        CHECK(responses.countable() == 1);
        responses.skip(1, conversation.exchanges);
        CHECK(responses.countable() == 0);
        CHECK(conversation.write("\r\n0\r\n\r\n"));
        CHECK(responses.answered() == 2);
        CHECK(conversation.write("HTTP/1.1 200 OK\r\n\r\n"));
        CHECK(responses.countable() == longest_length);
        responses.skip(12345, conversation.exchanges);
        CHECK(responses.countable() == longest_length);
        CHECK(conversation.reason == Opaque::no);
    }

    TEST_CASE("is not what has no body") {
        Conversation conversation({head}, none_is_last);
        CHECK(conversation.write(ok_to_head));
        CHECK(conversation.responses.countable() == 0);
        CHECK(conversation.responses.answered() == 1);
    }

    TEST_CASE("tells the request side what has been answered") {
        Conversation conversation({connect}, none_is_last);
        CHECK(conversation.write("HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\n"));
        CHECK(conversation.exchanges.connect_outstanding());
        conversation.responses.skip(2, conversation.exchanges);
        CHECK_FALSE(conversation.exchanges.connect_outstanding());
    }
}

}  // namespace
}  // namespace lastcall
