// Claims about a last response that cannot be edited, or no more: it passes as the server wrote it,
// unless the edit has begun, which then is finished.

#include "last_response.hpp"

namespace lastcall::last_response {
namespace {

TEST_SUITE("last response that cannot be edited") {
    TEST_CASE("switches protocols, and passes as it is (RFC 9110 15.2.2)") {
        const std::string text = "HTTP/1.1 101 x|Connection: upgrade, keep-alive||\x81\x05"_wire;
        check({ordinary}, text, {text, Then::passing, Opaque::upgrade});
        check({ordinary}, proceed + text, {proceed + text, Then::passing, Opaque::upgrade});
    }

    TEST_CASE("malformed before the edit has begun, passes as it is") {
        const auto passes = [](const std::string& text, Opaque reason) {
            check({ordinary}, text, {text, Then::passing, reason});
        };
        passes("HTTP/1.2 200 OK||"_wire, Opaque::not_http);
        passes("HTTP/1.1 200 OK|Connection: close| x||"_wire, Opaque::malformed_head);
        passes("HTTP/1.1 200 OK|Connection\n: keep-alive||"_wire, Opaque::malformed_head);
        passes("HTTP/1.1 200 OK|Connection : keep-alive||"_wire, Opaque::malformed_head);
        passes("HTTP/1.1 200 OK|Connection: keep-alive\r\r\nx"_wire, Opaque::malformed_head);
        passes("HTTP/1.1 200 OK|A: b| |Connection: close||"_wire, Opaque::malformed_head);
        passes("HTTP/1.1 200 OK|Transfer-Encoding: gzip||"_wire, Opaque::unknown_coding);
        passes("HTTP/1.1 200 OK|Content-Length: 1|Transfer-Encoding: chunked||"_wire,
               Opaque::ambiguous_length);
        passes("HTTP/1.0 200 OK|Transfer-Encoding: chunked||0||"_wire, Opaque::ambiguous_length);
        passes("HTTP/1.1 200 OK|A: b|\rx||"_wire, Opaque::malformed_head);
    }

    TEST_CASE("malformed after the edit has begun, is finished as an edited one") {
        const auto finishes = [](const std::string& fields, const std::string& after) {
            for (const std::string body : {"body", ""}) {
                check({ordinary}, "HTTP/1.1 200 OK|Keep-Alive: 5|"_wire + fields + body,
                      {"HTTP/1.1 200 OK|"_wire + after + body, Then::passing});
            }
        };
        finishes("Connection : b||"_wire, "Connection : b|Connection: close||"_wire);
        finishes("A: b| ||"_wire, "A: b| |Connection: close||"_wire);
        finishes("Connection: keep-alive| c||"_wire, "Connection: close||"_wire);
        finishes("Content-Length: 1|\t2\n\n"_wire,
                 "Content-Length: 1|\t2\nConnection: close\r\n\n"_wire);
        finishes("Content-Length: 1|Content-Length: 2||"_wire,
                 "Content-Length: 1|Content-Length: 2|Connection: close||"_wire);
        finishes("Content-Length: 1|Transfer-Encoding: chunked||"_wire,
                 "Content-Length: 1|Transfer-Encoding: chunked|Connection: close||"_wire);
        finishes("Connection: close, keep-alive|Transfer-Encoding: gzip||"_wire,
                 "Connection: close|Transfer-Encoding: gzip||"_wire);
    }

    TEST_CASE("malformed in its body, lasts until either side closes") {
        check({ordinary}, "HTTP/1.1 200 OK|Transfer-Encoding: chunked||1|01|0||"_wire,
              {"HTTP/1.1 200 OK|Transfer-Encoding: chunked|Connection: close||1|01|0||"_wire,
               Then::passing});
    }

    TEST_CASE("malformed in an interim response before it, passes as it is") {
        const std::string text = "HTTP/1.1 100 x|A||"_wire + ok;
        check({ordinary}, text, {text, Then::passing, Opaque::malformed_head});
    }

    TEST_CASE("malformed in a response before it, passes as it is") {
        const std::string text = "HTTP/1.1 200 OK|Content-Length: x||"_wire + ok;
        check({ordinary, ordinary}, text, {text, Then::passing, Opaque::ambiguous_length});
    }
}

TEST_SUITE("last response that is given up") {
    TEST_CASE("passes as it is from there on, held back bytes first") {
        const std::string text = "HTTP/1.1 200 OK|Connection: keep-alive, Close|A: b||ok"_wire;
        for (std::size_t i = 0; i < text.size(); ++i) {
            CAPTURE(i);
            Conversation conversation({ordinary}, 1);
            CHECK(conversation.write(first(text, i)));
            if (conversation.edit.begun()) break;
            conversation.responses.abandon();
            CHECK(conversation.responses.given_up());
            CHECK(conversation.write(from(text, i)));
            CHECK(conversation.wire == text);
            CHECK(conversation.responses.passing());
            CHECK_FALSE(conversation.responses.said_close());
        }
    }

    TEST_CASE("keeps an edit that is complete, and passes what follows") {
        Conversation conversation({ordinary}, 1);
        CHECK(conversation.write(ok_to_head + "o"));
        conversation.responses.abandon();
        CHECK(conversation.responses.passing());
        CHECK(conversation.write("k and more"));
        CHECK(conversation.wire == edited + " and more");
    }

    TEST_CASE("is over nonetheless if it was over") {
        Conversation conversation({ordinary}, 1);
        CHECK(conversation.write(ok));
        conversation.responses.abandon();
        CHECK(conversation.responses.over());
        CHECK_FALSE(conversation.responses.given_up());
    }

    TEST_CASE("is let go without its held back bytes, if those have been sent already") {
        Conversation conversation({ordinary}, 1);
        CHECK(conversation.write("HTTP/1.1 200 OK\r\nConnection: kee"));
        conversation.close();
        conversation.responses.let_go();
        CHECK(conversation.responses.passing());
        CHECK(conversation.responses.countable() == longest_length);
        CHECK(conversation.write("p-alive\r\n\r\n"));
        CHECK(conversation.wire == "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n");
    }

    TEST_CASE("counts as answered no more, whatever passes unseen") {
        Conversation conversation({ordinary}, 1);
        CHECK(conversation.write(ok_to_head));
        conversation.responses.let_go();
        conversation.responses.skip(2, conversation.exchanges);
        CHECK(conversation.responses.answered() == 0);
        CHECK(conversation.responses.passing());
    }
}

}  // namespace
}  // namespace lastcall::last_response
