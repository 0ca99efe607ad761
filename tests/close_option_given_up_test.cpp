// Claims about an edit of a header section that is given up: what leaves of the bytes held back,
// and that it still makes a section with what the server writes next.

#include <lastcall/http1/fields.hpp>

#include "edit.hpp"

namespace lastcall {
namespace {

TEST_SUITE("edit given up") {
    TEST_CASE("before it has begun, is as if there had been none") {
        for (const std::string& text :
             {"Connection: close, a, closed|Connectio: b|\r"_wire, "Connection: keep-aliv"_wire,
              "Keep-Alive"_wire, "Connection:"_wire, "Connection: "_wire, "Connection: a, "_wire,
              "Connection: a\r"_wire, "Connection:\r"_wire, "\r"_wire, "Conn"_wire}) {
            Edit edit;
            edit.feed(text);
            CHECK_FALSE(edit.option.begun());
            CHECK(edit.released() == text);
        }
    }

    TEST_CASE("leaves the only option of a Connection field where it is until the line has ended") {
        for (const std::string& text :
             {"Connection: keep-alive\r"_wire, "A: b|connection:Keep-Alive\r"_wire,
              "Keep-Aliver: 5|Connection: close\r"_wire}) {
            Edit edit;
            edit.feed(text);
            CHECK(edit.released() == text);
            CHECK_FALSE(edit.option.begun());
        }
    }

    TEST_CASE("keeps an option apart from what comes behind white space") {
        Edit edit;
        edit.feed("Connection: keep-alive ");
        CHECK(edit.released() == "Connection: keep-alive ");
    }

    TEST_CASE("in the middle of a Keep-Alive field, leaves its name before the rest of it") {
        Edit edit;
        edit.feed("A: b\r\nkeep-Alive: time");
        CHECK(edit.released() == "A: b\r\nkeep-Alive:");
        edit.feed("out=5\r");
        CHECK(edit.released() == "A: b\r\nkeep-Alive:\r");
        edit.feed("\n");
        CHECK(edit.released() == "A: b\r\n");
    }

    // Behind a special call the server's bytes pass as they are, from anywhere in a head.
    TEST_CASE("anywhere, leaves a well-formed section with the rest as the server wrote it") {
        for (const std::string& text :
             {"Connection: keep-alive|Keep-Alive: timeout=5, max=9|A: b||"_wire,
              "Connection: a, keep-alive, close|Connection:keep-alive|A: b||"_wire,
              "connection: keep-alive , close,|KEEP-ALIVE:|Connection: close , a||"_wire,
              "A: b|Connection: \t keep-alive\t|Keep-Alive: x||"_wire}) {
            for (std::size_t i = 0; i < text.size(); ++i) {
                CAPTURE(text);
                CAPTURE(i);
                Edit edit;
                edit.feed(first(text, i));
                const std::string sent = edit.released() + std::string{from(text, i)};
                FieldSection section;
                const Progress progress = section.follow(sent);
                CHECK(progress.outcome == Outcome::complete);
                CHECK(progress.taken == sent.size());
            }
        }
    }

    TEST_CASE("sends what it holds back once") {
        Edit edit;
        edit.feed("Connec");
        std::array<char, CloseOption::longest_output> out{};
        CHECK(edit.option.release(out) == 6);
        CHECK(edit.option.done());
        edit.feed("tion: keep-alive\r\n\r\n");
        CHECK(edit.sent == "tion: keep-alive\r\n\r\n");
    }
}

}  // namespace
}  // namespace lastcall
