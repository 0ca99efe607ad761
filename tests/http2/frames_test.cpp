// Claims about following frames by their headers, at every split.

#include <lastcall/http2/frames.hpp>

#include "../wire.hpp"
#include "frames.hpp"

namespace lastcall::http2 {
namespace {

// What was said of a text, as in "headers1 ended1".
struct Said {
    std::string events;
    bool open_to_any = false;
    bool malformed = false;
};

const char* word(Event event) {
    switch (event) {
        case Event::incomplete: return "";
        case Event::headers: return "headers";
        case Event::whole:
        case Event::ended: return "ended";
        case Event::reset: return "reset";
        case Event::goaway: return "goaway";
        case Event::malformed: return "malformed";
    }
    return "";
}

Said said(const Parts& parts) {
    Frames follower;
    Said result;
    const auto say = [&](Event event) {
        result.events += result.events.empty() ? "" : " ";
        result.events += word(event);
        if (!result.malformed) result.events += std::to_string(follower.stream());
    };
    for (Bytes part : parts) {
        while (!result.malformed) {
            const Followed followed = follower.follow(part);
            part = from(part, followed.taken);
            if (followed.event == Event::incomplete) break;
            result.malformed = followed.event == Event::malformed;
            if (followed.event == Event::whole) say(Event::headers);
            say(followed.event);
        }
    }
    result.open_to_any = follower.open_to_any();
    return result;
}

struct Row {
    const char* name;
    const char* words;
    const char* events;
    bool open = true;  // may any frame come next?
};

void check_all(std::initializer_list<Row> rows) {
    for (const Row& row : rows) {
        INFO(row.name);
        const std::string text = frames(row.words);
        const Said whole = said({text});
        CHECK(whole.events == row.events);
        CHECK(whole.open_to_any == row.open);
        at_every_split(text, [&](const Parts& parts) {
            const Said split = said(parts);
            CHECK(split.events == whole.events);
            CHECK(split.open_to_any == whole.open_to_any);
        });
    }
}

TEST_SUITE("frames") {
    TEST_CASE("begin, end and reset their streams") {
        check_all({
            {"a request without content", "S H1.", "headers1 ended1"},
            {"a request with content", "S H1 D1 D1.", "headers1 ended1"},
            {"empty DATA ends a stream", "S H1 d1.", "headers1 ended1"},
            {"trailers", "S H1 D1 H1.", "headers1 headers1 ended1"},
            {"a reset", "S H1 R1", "headers1 reset1"},
            {"streams side by side", "S H1 H3 D3. D1.", "headers1 headers3 ended3 ended1"},
            {"a GOAWAY", "S G", "goaway0"},
            {"empty trailers", "S H1 x1.", "headers1 headers1 ended1"},
            {"an empty field block, to be continued", "S y1. C1", "headers1 ended1"},
        });
    }

    TEST_CASE("a field block lasts until END_HEADERS, and its stream ends with it") {
        check_all({
            {"two parts", "S h1. C1", "headers1 ended1"},
            {"three parts, one empty", "S h1. c1 C1", "headers1 ended1"},
            {"without END_STREAM", "S h1 C1", "headers1"},
            {"begun", "S h1.", "headers1", false},
            {"begun, of a push", "S p1", "", false},
            {"a push ends no stream", "S p1 C1", ""},
            {"the block before does not count", "S h1. C1 p3 C3", "headers1 ended1"},
        });
    }

    TEST_CASE("what does not matter is passed over") {
        check_all({
            {"of the connection", "S A I W0", ""},
            {"of a stream", "S W1 Y1", ""},
            {"of no known type", "S U0 U1", ""},
            {"a whole promise", "S Q1", ""},
        });
    }

    TEST_CASE("the first frame is SETTINGS, and until then nobody else's may stand there") {
        check_all({
            {"nothing", "", "", false},
            {"an ACK", "A", "malformed", false},
            {"HEADERS", "H1.", "malformed", false},
            {"no known type", "U0", "malformed", false},
            {"SETTINGS", "S", ""},
        });
        CHECK(said({"HTTP/1.1 400 Bad Request\r\n"}).malformed);
        CHECK(said({"220 mail ESMTP\r\n"}).malformed);
    }

    TEST_CASE("that make no sense are malformed") {
        const auto make = [](FrameType type, unsigned flags, std::uint32_t stream,
                             std::size_t size) {
            return frames("S") + frame(type, flags, stream, std::string(size, '\0'));
        };
        const auto is_malformed = [](const std::string& text) { return said({text}).malformed; };
        for (const auto type : {FrameType::data, FrameType::headers, FrameType::priority,
                                FrameType::rst_stream, FrameType::push_promise}) {
            INFO("without a stream: ", static_cast<int>(type));
            CHECK(is_malformed(make(type, 4, 0, type == FrameType::rst_stream ? 4 : 5)));
        }
        for (const auto type : {FrameType::settings, FrameType::ping, FrameType::goaway}) {
            INFO("with a stream: ", static_cast<int>(type));
            CHECK(is_malformed(make(type, 0, 1, type == FrameType::settings ? 6 : 8)));
            CHECK_FALSE(is_malformed(make(type, 0, 0, type == FrameType::settings ? 6 : 8)));
        }
        struct Length {
            FrameType type;
            std::uint32_t stream;
            std::size_t good;
            std::size_t bad;
        };
        for (const auto& [type, stream, good, bad] :
             {Length{FrameType::priority, 1, 5, 4}, Length{FrameType::rst_stream, 1, 4, 5},
              Length{FrameType::settings, 0, 12, 7}, Length{FrameType::push_promise, 1, 4, 3},
              Length{FrameType::ping, 0, 8, 7}, Length{FrameType::goaway, 0, 8, 7},
              Length{FrameType::window_update, 0, 4, 5}}) {
            INFO("length: ", static_cast<int>(type));
            CHECK(is_malformed(make(type, 0, stream, bad)));
            CHECK_FALSE(is_malformed(make(type, 0, stream, good)));
        }
        CHECK(is_malformed(make(FrameType::settings, FrameHeader::ack, 0, 6)));
        CHECK(is_malformed(frames("S C1")));
        CHECK(is_malformed(frames("S h1 C3")));
        CHECK(is_malformed(frames("S h1 I")));
        CHECK(is_malformed(frames("S h1 U0")));
    }

    TEST_CASE("may be as long as there are numbers for") {
        const std::size_t size = 0xffffff;
        const std::string text =
            frames("S") + frame(FrameType::data, 1, 1, std::string(size, 'x')) + frames("H3.");
        CHECK(said({text}).events == "ended1 headers3 ended3");
    }

    TEST_CASE("the reserved bit of a stream's id is none of it") {
        CHECK(said({frames("S") + frame(FrameType::headers, 5, 0x80000001, "\x82")}).events ==
              "headers1 ended1");
    }

    TEST_CASE("a payload is passed over by its number alone") {
        const std::string text = frames("S D1. S");
        const std::size_t header = frames("S").size() + frame_header_size;
        for (std::uint32_t first_part = 0; first_part <= 5; ++first_part) {
            Frames follower;
            CHECK(follower.follow(first(text, header)).event == Event::incomplete);
            CHECK(follower.countable() == 5);
            CHECK(follower.header_left() == 0);
            CHECK(follower.pass(first_part) ==
                  (first_part == 5 ? Event::ended : Event::incomplete));
            if (first_part < 5) CHECK(follower.pass(5 - first_part) == Event::ended);
            CHECK(follower.countable() == 0);
            CHECK(follower.open_to_any());
            CHECK(follower.header_left() == frame_header_size);
        }
    }
}

}  // namespace
}  // namespace lastcall::http2
