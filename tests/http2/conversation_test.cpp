// Claims about a connection's two directions together: exchanges, where the GOAWAY may stand, and
// when nobody would miss the connection.

#include <lastcall/http2/conversation.hpp>

#include "../wire.hpp"
#include "frames.hpp"

namespace lastcall::http2 {
namespace {

using Visit = Conversation::Visit;

constexpr std::size_t seen = 11;  // of the preface, by HTTP/1.1

// A conversation as the guest has it, with a limit on exchanges.
struct Talk {
    Conversation conversation;
    std::uint32_t exchanges = 0;
    int sent_on = 0;
    Opaque reason = Opaque::no;

    explicit Talk(std::uint32_t limit = 0) : terms(Policy{.requests = limit}) {
        conversation.begin_input(seen);
    }

    void reads(Bytes in) {
        if (reason != Opaque::no) return;
        reason = conversation.take(in, [&] {
            conversation.ask(terms, ++exchanges, picked);
            if (conversation.sends_on()) ++sent_on;
        });
    }
    void writes(Bytes out) {
        if (reason == Opaque::no) reason = conversation.follow(out);
    }
    void greet() {
        reads(from(client_preface, seen));
        reads(frames("S"));
        writes(frames("S"));
    }
    void tell() {
        REQUIRE(conversation.is_owed());
        REQUIRE(conversation.output().open_to_any());
        conversation.say(conversation.unsaid().size());
        REQUIRE(conversation.told());
    }

    Terms terms;
    Picked picked;
};

TEST_SUITE("an HTTP/2 conversation") {
    TEST_CASE("an exchange is a stream that the client opens") {
        struct Row {
            const char* name;
            const char* in;
            std::uint32_t exchanges;
        };
        for (const auto& [name, in, exchanges] : {
                 Row{"three", "S H1. H3. H5.", 3},
                 Row{"with content", "S H1 D1 D1. H3.", 2},
                 Row{"trailers are none", "S H1 D1 H1.", 1},
                 Row{"nor is PRIORITY on an idle stream", "S Y3 Y5 H7.", 1},
                 Row{"nor what comes late for a closed one", "S H5. H3. H1.", 1},
                 Row{"ids may be left out", "S H1. H9. H101.", 3},
                 Row{"a field block in parts", "S h1. c1 C1 h3 C3", 2},
             }) {
            INFO(name);
            const std::string text = std::string(from(client_preface, seen)) + frames(in);
            at_every_split(text, [&, want = exchanges](const Parts& parts) {
                Talk talk;
                for (const Bytes part : parts) talk.reads(part);
                CHECK(talk.reason == Opaque::no);
                CHECK(talk.exchanges == want);
            });
        }
    }

    TEST_CASE("what does not begin with the preface and SETTINGS is no HTTP/2") {
        Talk other;
        other.reads("2.0\r\n\r\nXX");
        CHECK(other.reason == Opaque::not_http);
        CHECK_FALSE(other.conversation.certain());
        Talk bare;
        bare.reads(from(client_preface, seen));
        bare.reads(frames("H1."));
        CHECK(bare.reason == Opaque::malformed_frames);
    }

    TEST_CASE("it is certain with the whole preface and the server's first frame") {
        Talk talk;
        talk.writes(frames("S"));
        CHECK_FALSE(talk.conversation.certain());
        talk.reads(from(first(client_preface, client_preface.size() - 1), seen));
        CHECK_FALSE(talk.conversation.certain());
        talk.reads(from(client_preface, client_preface.size() - 1));
        CHECK(talk.conversation.certain());
    }

    TEST_CASE("the client is owed a GOAWAY from the stream on that is due, once") {
        Talk talk(2);
        talk.greet();
        talk.reads(frames("H1."));
        CHECK_FALSE(talk.conversation.is_owed());
        talk.reads(first(frames("H3."), frame_header_size));
        CHECK(talk.conversation.is_owed());
        CHECK(talk.picked.requests == 1);
        talk.tell();
        talk.reads(from(frames("H3. H5. H7."), frame_header_size));
        CHECK_FALSE(talk.conversation.is_owed());
        CHECK(talk.picked.requests == 1);
        CHECK(talk.exchanges == 4);
    }

    TEST_CASE("the GOAWAY is the one of RFC 9113, and any part of it is finished") {
        CHECK(Bytes(go.data(), go.size()) ==
              Bytes("\0\0\x08\x07\0\0\0\0\0\x7f\xff\xff\xff\0\0\0\0", 17));
        Talk talk(1);
        talk.greet();
        talk.reads(frames("H1."));
        std::string sent;
        while (!talk.conversation.told()) {
            CHECK(talk.conversation.is_cut() == !sent.empty());
            CHECK(talk.conversation.is_ours(talk.conversation.unsaid().data()));
            sent += talk.conversation.unsaid()[0];
            talk.conversation.say(1);
        }
        CHECK_FALSE(talk.conversation.is_cut());
        CHECK(sent == Bytes(go.data(), go.size()));
    }

    TEST_CASE("none is owed after the server's own") {
        Talk talk(1);
        talk.greet();
        talk.writes(frames("G"));
        talk.reads(frames("H1."));
        CHECK_FALSE(talk.conversation.is_owed());
    }

    TEST_CASE("the exchange that asked for the switch is the first stream, and counts") {
        Talk talk(2);
        talk.conversation.begin_upgraded();
        talk.exchanges = 1;
        talk.greet();
        talk.writes(frames("H1 D1."));
        CHECK(talk.reason == Opaque::no);
        talk.reads(frames("H3."));
        CHECK(talk.exchanges == 2);
        CHECK(talk.conversation.is_owed());
    }

    TEST_CASE("the server answers only what has been asked") {
        for (const char* words : {"H3", "D3", "R3"}) {
            Talk talk;
            talk.greet();
            talk.reads(frames("H1."));
            talk.writes(frames(words));
            CHECK(talk.reason == (words[0] == 'D' ? Opaque::no : Opaque::malformed_frames));
        }
    }
}

// What happens after the client has been told at its first stream, and what two visits find: the
// first at once, the second after `between`.
struct After {
    const char* name;
    const char* in;
    const char* out;
    const char* between_in;
    const char* between_out;
    Visit second;
};

TEST_SUITE("a connection whose client has been told") {
    TEST_CASE("is finished when nothing is open, and nothing has stirred between two visits") {
        constexpr Visit finish = Visit::finish;
        constexpr Visit wait = Visit::wait;
        constexpr Visit never = Visit::never;
        for (const auto& [name, in, out, between_in, between_out, second] : {
                 After{"answered", "", "H1 D1.", "", "", finish},
                 After{"answered by trailers", "", "H1 D1 H1.", "", "", finish},
                 After{"reset by the client", "R1", "", "", "", finish},
                 After{"reset by the server", "", "R1", "", "", finish},
                 After{"PINGs do not matter", "", "H1.", "I I", "I I", finish},
                 After{"not answered", "", "", "", "", wait},
                 After{"half answered", "", "H1 D1", "", "", wait},
                 After{"answered just now", "", "", "", "H1.", wait},
                 After{"another stream came and went", "", "H1.", "H3.", "H3.", wait},
                 After{"another stream is open", "H3", "H1. H3.", "", "", wait},
                 After{"its upload has ended", "H3 D3.", "H1. H3.", "", "", finish},
                 After{"answered early, then reset", "H3", "H1. H3. R3", "", "", finish},
                 After{"the client cancels as the server ends", "H3. R3", "H1. H3.", "", "",
                       finish},
                 After{"a field block is open", "h3", "H1. R3", "", "", wait},
                 After{"of the server's, too", "H3.", "H1. h3.", "", "", wait},
                 After{"a push may be to come", "H3.", "Q3 H1. H3.", "", "", never},
                 After{"a push has ended", "H3.", "Q3 H2 D2. H1. H3.", "", "", never},
                 After{"the server goes by itself", "", "H1. G", "", "", never},
             }) {
            INFO(name);
            Talk talk(1);
            talk.greet();
            talk.reads(frames("H1."));
            talk.tell();
            const std::string reads = frames(in);
            talk.reads(reads);
            talk.writes(frames(out));
            const Visit once = talk.conversation.visit();
            CHECK(once == (second == never ? never : wait));
            talk.reads(frames(between_in));
            talk.writes(frames(between_out));
            CHECK(talk.reason == Opaque::no);
            CHECK(talk.conversation.visit() == second);
        }
    }

    TEST_CASE("is not finished within a frame of either side") {
        const std::string ping = frames("I");
        for (std::size_t i = 1; i < ping.size(); ++i) {
            for (const bool client : {true, false}) {
                Talk talk(1);
                talk.greet();
                talk.reads(frames("H1."));
                talk.tell();
                talk.writes(frames("H1."));
                static_cast<void>(talk.conversation.visit());
                if (client)
                    talk.reads(first(ping, i));
                else
                    talk.writes(first(ping, i));
                CHECK(talk.conversation.visit() == Visit::wait);
                if (client)
                    talk.reads(from(ping, i));
                else
                    talk.writes(from(ping, i));
                CHECK(talk.conversation.visit() == Visit::finish);
            }
        }
    }

    TEST_CASE("is never finished once more streams were open than can be remembered") {
        Talk talk(1);
        talk.greet();
        for (std::uint32_t i = 0; i <= Streams::most; ++i) {
            talk.reads(frames("H" + std::to_string(1 + 2 * i) + "."));
        }
        talk.tell();
        for (std::uint32_t i = 0; i <= Streams::most; ++i) {
            talk.writes(frames("H" + std::to_string(1 + 2 * i) + "."));
        }
        CHECK(talk.reason == Opaque::no);
        CHECK(talk.conversation.visit() == Visit::never);
    }

    TEST_CASE("is never finished once its input has gone where nobody can throw it away") {
        Talk talk(1);
        talk.greet();
        talk.reads(frames("H1."));
        talk.tell();
        talk.writes(frames("H1."));
        talk.conversation.give_unseen();
        CHECK(talk.conversation.visit() == Visit::never);
    }

    TEST_CASE("is finished by the highest id that was opened") {
        Talk talk(1);
        talk.greet();
        talk.reads(frames("H1. H513."));
        CHECK(talk.conversation.finish() ==
              Bytes("\0\0\x08\x07\0\0\0\0\0\0\0\x02\x01\0\0\0\0", 17));
    }

    TEST_CASE("has a client that sends on if that opens streams after the first visit") {
        Talk talk(1);
        talk.greet();
        talk.reads(frames("H1."));
        talk.tell();
        talk.reads(frames("H3."));
        static_cast<void>(talk.conversation.visit());
        CHECK(talk.sent_on == 0);
        talk.reads(frames("H5. H7."));
        CHECK(talk.sent_on == 1);
    }
}

}  // namespace
}  // namespace lastcall::http2
