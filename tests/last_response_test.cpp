// Claims about the last response of a conversation: what the client sees of it, when the
// connection is over, and what becomes of bytes behind it.

#include "last_response.hpp"

namespace lastcall::last_response {
namespace {

TEST_SUITE("last response") {
    TEST_CASE("says close, and the connection is over with its last byte") {
        check({ordinary}, ok, {edited, Then::over});
        check({ordinary}, "HTTP/1.1 200 OK|Connection: keep-alive|Content-Length: 2||ok"_wire,
              {edited, Then::over});
        check({ordinary}, "HTTP/1.1 200 OK|Transfer-Encoding: chunked||1|0|0|A: b||"_wire,
              {"HTTP/1.1 200 OK|Transfer-Encoding: chunked|Connection: close||1|0|0|A: b||"_wire,
               Then::over});
        check({ordinary}, "HTTP/1.1 204||"_wire,
              {"HTTP/1.1 204|Connection: close||"_wire, Then::over});
        check({ordinary}, "HTTP/1.1 304 x|ETag: y||"_wire,
              {"HTTP/1.1 304 x|ETag: y|Connection: close||"_wire, Then::over});
    }

    TEST_CASE("alone says close, not those before it") {
        check({ordinary, ordinary}, ok + ok, {ok + edited, Then::over});
        check({head, head, ordinary}, ok_to_head + ok_to_head + ok,
              {ok_to_head + ok_to_head + edited, Then::over});
    }

    TEST_CASE("to HEAD is over with its head") {
        check({ordinary, head}, ok + ok_to_head,
              {ok + "HTTP/1.1 200 OK|Content-Length: 2|Connection: close||"_wire, Then::over});
    }

    TEST_CASE("has interim responses before it, which stay as they are") {
        check({ordinary}, proceed + proceed + ok, {proceed + proceed + edited, Then::over});
        check({ordinary}, "HTTP/1.1 103 x|Link: y|Keep-Alive: 5||"_wire + ok,
              {"HTTP/1.1 103 x|Link: y|Keep-Alive: 5||"_wire + edited, Then::over});
        check({ordinary}, proceed, {proceed, Then::more});
    }

    TEST_CASE("without a length lasts until the server closes") {
        check({ordinary}, "HTTP/1.1 200 OK||HTTP/1.1 200 OK||"_wire,
              {"HTTP/1.1 200 OK|Connection: close||HTTP/1.1 200 OK||"_wire, Then::more});
    }

    TEST_CASE("is not over before its last byte") {
        check({ordinary}, "HTTP/1.1 200 OK|Content-Length: 2||o"_wire,
              {"HTTP/1.1 200 OK|Content-Length: 2|Connection: close||o"_wire, Then::more});
    }

    TEST_CASE("cut short in its head leaves as much as the server wrote") {
        check({ordinary}, "HTTP/1.1 200 OK|Content-Length: 2|Conne"_wire,
              {"HTTP/1.1 200 OK|Content-Length: 2|Conne"_wire, Then::more});
        check({ordinary}, "HTTP/1.1 200 OK|Connection: close|\r"_wire,
              {"HTTP/1.1 200 OK|Connection: close|\r"_wire, Then::more});
        check({ordinary}, "HTTP/1.1 20"_wire, {"HTTP/1.1 20"_wire, Then::more});
    }

    TEST_CASE("may not have been picked when the one before it was followed") {
        Conversation conversation({ordinary}, none_is_last);
        CHECK(follow(conversation.responses, ok, conversation.exchanges) == Opaque::no);
        CHECK(conversation.exchanges.begin(ordinary));
        conversation.exchanges.pick_newest(true);
        CHECK_FALSE(conversation.responses.begun_last(conversation.exchanges));
        CHECK(conversation.write(ok));
        CHECK(conversation.responses.begun_last(conversation.exchanges));
        CHECK(conversation.wire == edited);
    }
}

TEST_SUITE("last response of an old program") {
    TEST_CASE("with lines that LF alone ends says close like any") {
        check({ordinary}, "HTTP/1.1 200 OK\nConnection: keep-alive\nContent-Length: 2\n\nok",
              {"HTTP/1.1 200 OK\nContent-Length: 2\nConnection: close\r\n\nok", Then::over});
        check({ordinary}, "HTTP/1.1 200 OK|Connection: close\nContent-Length: 2||ok"_wire,
              {"HTTP/1.1 200 OK|Connection: close\nContent-Length: 2||ok"_wire, Then::passing});
    }

    TEST_CASE("loses a folded Keep-Alive field whole, and no other folded one") {
        check({ordinary}, "HTTP/1.1 204 x|A: b| c|Keep-Alive: timeout=5,| max=9|D: e||"_wire,
              {"HTTP/1.1 204 x|A: b| c|D: e|Connection: close||"_wire, Then::over});
    }

    TEST_CASE("keeps odd names and odd bytes") {
        check(
            {ordinary}, "http/1.1  200 OK|Server : x|X(1): \x01|Content-Length: 2||ok"_wire,
            {"http/1.1  200 OK|Server : x|X(1): \x01|Content-Length: 2|Connection: close||ok"_wire,
             Then::over});
    }

    TEST_CASE("ends behind a chunk size of nothing but zeros and SP, and its trailers") {
        const std::string chunks = "2  |ok|0   |A: b\n\n"_wire;
        check({ordinary}, "HTTP/1.1 200 OK|Transfer-Encoding: gzip, chunked||"_wire + chunks + "x",
              {"HTTP/1.1 200 OK|Transfer-Encoding: gzip, chunked|Connection: close||"_wire + chunks,
               Then::over});
    }

    TEST_CASE("without content may say any length") {
        check({ordinary}, "HTTP/1.1 304 x|Content-Length: 0|Transfer-Encoding: chunked||"_wire,
              {"HTTP/1.1 304 x|Content-Length: 0|Transfer-Encoding: chunked|"_wire +
                   "Connection: close||"_wire,
               Then::over});
    }

    TEST_CASE("has empty lines before it, which stay, and loses those behind it") {
        check({ordinary, ordinary}, ok + "|\n"_wire + ok + "|"_wire,
              {ok + "|\n"_wire + edited, Then::over});
    }
}

TEST_SUITE("behind the last response") {
    TEST_CASE("the server's bytes go nowhere") {
        check({ordinary}, ok + ok, {edited, Then::over});
        check({ordinary}, ok + "HTTP/1.1 408 Timeout||"_wire, {edited, Then::over});
        check({ordinary}, ok + "\x16\x03", {edited, Then::over});
        check({head}, ok_to_head + "ok",
              {"HTTP/1.1 200 OK|Content-Length: 2|Connection: close||"_wire, Then::over});
    }

    TEST_CASE("they pass if the server said close itself") {
        const std::string closing = "HTTP/1.1 200 OK|Connection: close|Content-Length: 2||ok"_wire;
        check({ordinary}, closing + "late", {closing + "late", Then::passing});
    }

    TEST_CASE("they pass if the request let the connection not persist (RFC 9112 9.3)") {
        check({ordinary}, ok + "late", {edited + "late", Then::passing, Opaque::no, false});
    }

    TEST_CASE("they pass if an HTTP/1.0 response lets it not persist") {
        check({ordinary}, "HTTP/1.0 200 OK|Content-Length: 2||ok!"_wire,
              {"HTTP/1.0 200 OK|Content-Length: 2|Connection: close||ok!"_wire, Then::passing});
        check({ordinary}, "HTTP/1.0 200 OK|Content-Length: 2|Connection: keep-alive||ok!"_wire,
              {"HTTP/1.0 200 OK|Content-Length: 2|Connection: close||ok"_wire, Then::over});
    }
}

TEST_SUITE("last response's body that passes unseen") {
    TEST_CASE("is countable once its head is through, and its end is the connection's") {
        Conversation conversation({ordinary}, 1);
        CHECK(conversation.responses.countable() == 0);
        CHECK(conversation.write(ok_to_head));
        CHECK(conversation.responses.said_close());
        CHECK(conversation.responses.countable() == 2);
        conversation.responses.skip(2, conversation.exchanges);
        CHECK(conversation.responses.over());
        CHECK(conversation.responses.countable() == 0);
        conversation.responses.skip(1, conversation.exchanges);
        CHECK(conversation.responses.over());
    }
}

}  // namespace
}  // namespace lastcall::last_response
