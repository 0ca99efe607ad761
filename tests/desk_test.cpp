// Claims about working on a last response's head: whatever the kernel takes of a batch, and however
// the server lays out its bytes, the client sees the same.

#include "wire.hpp"
#include "writer.hpp"

#include <utility>

namespace lastcall {
namespace {

constexpr auto ordinary = RequestKind::ordinary;
constexpr auto head = RequestKind::head;

constexpr auto everything = [](std::size_t batch) { return batch; };

// Takes so many, then all.
auto once(std::size_t some) {
    return [some, first_time = true](std::size_t batch) mutable {
        return std::exchange(first_time, false) ? std::min(some, batch) : batch;
    };
}

// Takes so many each time, and none every other time.
auto always(std::size_t some) {
    return [some, full = true](std::size_t) mutable {
        full = !full;
        return full ? 0 : some;
    };
}

struct Setup {
    Kinds kinds;
    std::uint32_t last;
};

// Each way of taking gives the same bytes as taking all of one part that holds everything.
void check(const Setup& setup, const Parts& layout, const std::vector<std::size_t>& takes) {
    std::string text;
    for (const Bytes part : layout) text += part;
    const std::string expected = written_at_once(setup.kinds, setup.last, {text});
    const Gathered gathered(layout);
    const auto check_with = [&](auto take, std::size_t stretch = Buffers::all) {
        Writer writer(setup.kinds, setup.last);
        writer.stretch = stretch;
        writer.write(gathered.buffers(), take);
        CHECK(writer.wire == expected);
    };
    check_with(everything);
    for (const std::size_t stretch : {1U, 2U, 7U, 30U}) check_with(everything, stretch);
    for (const std::size_t take : takes) {
        CAPTURE(take);
        check_with(once(take));
        check_with(always(take == 0 ? 1 : take));
        check_with(once(take), 5);
    }
}

std::vector<std::size_t> up_to(std::size_t most) {
    std::vector<std::size_t> sizes;
    for (std::size_t i = 0; i <= most; ++i) sizes.push_back(i);
    return sizes;
}

// Pieces of about the same size.
Parts in_pieces(Bytes text, std::size_t count) {
    Parts parts;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t start = text.size() * i / count;
        parts.push_back(first(from(text, start), text.size() * (i + 1) / count - start));
    }
    return parts;
}

Parts line_by_line(Bytes text) {
    Parts parts;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        parts.push_back(first(text, end == Bytes::npos ? end : end + 1));
        text = from(text, parts.back().size());
    }
    return parts;
}

const std::string ok =
    "HTTP/1.1 200 OK|Connection: keep-alive, x|Keep-Alive: 5|Content-Length: 2||ok"_wire;
const std::string closing = "HTTP/1.1 200 OK|Connection: close|Content-Length: 2||ok"_wire;
const std::string plain = "HTTP/1.1 200 OK|Content-Length: 2||ok"_wire;

TEST_SUITE("short writes of a last response") {
    TEST_CASE("leave the same bytes on the wire, whole heads offered") {
        for (const std::string& text : {ok, closing, plain}) {
            check({{ordinary}, 1}, {text}, up_to(text.size() + 20));
        }
    }

    TEST_CASE("leave the same bytes on the wire, heads offered line by line") {
        check({{ordinary}, 1}, line_by_line(ok), up_to(ok.size()));
    }

    TEST_CASE("leave the same bytes on the wire, heads offered byte by byte") {
        check({{ordinary}, 1}, byte_by_byte(ok), up_to(ok.size()));
    }

    TEST_CASE("leave the same bytes on the wire, heads offered in two parts") {
        for (std::size_t i = 1; i < ok.size(); ++i) {
            check({{ordinary}, 1}, {first(ok, i), from(ok, i)}, {1, 2, 19, 30, i});
        }
    }

    TEST_CASE(
        "leave the same bytes on the wire, heads offered in 30 parts, the first of them none") {
        Parts parts = in_pieces(ok, 29);
        parts.insert(parts.begin(), Bytes{});
        check({{ordinary}, 1}, parts, up_to(ok.size()));
    }

    TEST_CASE("leave the same bytes on the wire, each line in a call of its own") {
        const std::string expected = written_at_once({ordinary}, 1, {ok});
        for (const std::size_t take : up_to(40)) {
            Writer writer({ordinary}, 1);
            for (const Bytes line : line_by_line(ok)) {
                writer.write(Gathered({line}).buffers(), always(take + 1));
            }
            CHECK(writer.wire == expected);
        }
    }

    TEST_CASE("may be of a head whose edit is given up") {
        const std::string malformed = "HTTP/1.1 200 OK|Connection: close|Conne|| x"_wire;
        check({{ordinary}, 1}, {malformed}, up_to(malformed.size()));
        check({{ordinary}, 1}, {"HTTP/1.1 101 x||\x81\x05"_wire}, up_to(20));
        check({{}, 0}, {plain}, up_to(20));
    }

    TEST_CASE("may be of a malformed head whose edit has begun") {
        const std::string malformed = "HTTP/1.1 200 OK|Keep-Alive: 5|A : b||body"_wire;
        check({{ordinary}, 1}, {malformed}, up_to(malformed.size()));
    }
}

TEST_SUITE("batches") {
    TEST_CASE("hold a few buffers, and are made again for more") {
        const std::string body(700, 'b');
        const std::string text = "HTTP/1.1 200 OK|Content-Length: 700||"_wire + body + "late";
        check({{ordinary}, 1}, byte_by_byte(text), {1, 40, 126, 127, 128, 200, 700});
    }

    TEST_CASE("hold some text, and are made again for heads that are larger") {
        std::string text = "HTTP/1.1 200 OK|"_wire;
        for (int i = 0; i < 50; ++i) text += "Set-Cookie: " + std::string(80, 'c') + "\r\n";
        text += "Connection: keep-alive|Content-Length: 2||ok"_wire;
        for (const Parts& layout : {Parts{text}, line_by_line(text), byte_by_byte(text)}) {
            check({{ordinary}, 1}, layout, {1, 1000, 2047, 2048, 2049, 4096, 5000});
        }
    }

    TEST_CASE("hold several responses, the last in the middle, late bytes behind") {
        const std::string to_head = "HTTP/1.1 200 OK|Content-Length: 2||"_wire;
        const std::string text = plain + to_head + ok + plain + "late";
        const Setup setup{{ordinary, head, ordinary}, 3};
        check(setup, {text}, up_to(text.size()));
        check(setup, in_pieces(text, 7), up_to(text.size()));
    }

    TEST_CASE("hold chunks, whose data is not looked into") {
        std::string text = "HTTP/1.1 200 OK|Transfer-Encoding: chunked||"_wire;
        for (int i = 0; i < 5; ++i) text += "a|0123456789|"_wire;
        text += "0||"_wire;
        check({{ordinary}, 1}, {text}, up_to(text.size()));
        check({{ordinary}, 1}, in_pieces(text, 9), up_to(text.size()));
    }

    TEST_CASE("depend on no byte behind those that may be looked into, but those that count") {
        const std::string chunks = "HTTP/1.1 200 OK|Transfer-Encoding: chunked||5|hello|0||"_wire;
        const std::string counted = "HTTP/1.1 200 OK|Content-Length: 5||hello"_wire;
        for (const std::string& text : {chunks, counted, ok}) {
            for (std::size_t look = 1; look < text.size(); ++look) {
                std::string other = text;
                for (std::size_t i = look; i < other.size(); ++i) other[i] = '\0';
                Writer a({ordinary}, 1);
                Writer b({ordinary}, 1);
                const auto plan = [look](Writer& writer, const std::string& offered) {
                    const Gathered gathered({offered});
                    const Buffers all = gathered.buffers();
                    return writer.desk->plan(writer.responses, writer.exchanges, all, 0, look);
                };
                CHECK(plan(a, text) == plan(b, other));
                CHECK(a.desk->size() == b.desk->size());
                CHECK(plan(a, text) >= look);
            }
        }
    }

    TEST_CASE("hold the bytes between inserted ones where the server has them") {
        Writer writer({ordinary}, 1);
        const std::string body(100000, 'b');
        const std::string text = "HTTP/1.1 200 OK|Content-Length: 100000||"_wire + body;
        const Gathered gathered({text});
        const Buffers offered = gathered.buffers();
        CHECK(writer.desk->plan(writer.responses, writer.exchanges, offered, 0) == text.size());
        CHECK(writer.desk->size() == text.size() + 19);
        CHECK(writer.desk->part_count <= 4);
    }
}

TEST_SUITE("bytes accepted") {
    TEST_CASE("are never more than those whose effect has been sent") {
        const Gathered gathered({plain});
        for (std::size_t take = 1; take < plain.size() + 19; ++take) {
            Writer writer({ordinary}, 1);
            const std::size_t accepted = writer.call(gathered.buffers(), 0, once(take));
            const std::string now = written_at_once({ordinary}, 1, {first(plain, accepted)});
            CHECK(now.size() <= writer.wire.size());
        }
    }

    TEST_CASE("are none while the kernel is among inserted ones and takes no more") {
        Writer writer({ordinary}, 1);
        const Bytes start = first(plain, plain.size() - 3);  // up to the last CR
        writer.write(Gathered({start}).buffers(), everything);
        const Gathered rest({from(plain, start.size())});
        CHECK(writer.call(rest.buffers(), 0, always(7)) == 0);
        CHECK(writer.wire.ends_with("\r\nConnect"));
        CHECK(writer.call(rest.buffers(), 0, everything) == 3);
        CHECK(writer.wire.ends_with("\r\nConnection: close\r\n\r\nok"));
    }

    TEST_CASE("are none of none offered, and that changes nothing") {
        Writer writer({ordinary}, 1);
        const Gathered all({plain});
        const Gathered nothing({Bytes{}});
        const std::size_t accepted = writer.call(all.buffers(), 0, once(45));
        CHECK(writer.call(nothing.buffers(), 0, everything) == 0);
        CHECK(writer.call({}, 0, everything) == 0);
        writer.call(all.buffers(), accepted, everything);
        CHECK(writer.wire == written_at_once({ordinary}, 1, {plain}));
    }

    TEST_CASE("are those of late writes, of which nothing is sent") {
        Writer writer({ordinary}, 1);
        writer.write(Gathered({plain}).buffers(), everything);
        CHECK(writer.responses.over());
        const std::size_t sent = writer.wire.size();
        const Gathered late({"HTTP/1.1 408 Timeout", "\r\n\r\n"});
        CHECK(writer.call(late.buffers(), 0, everything) == 24);
        CHECK(writer.wire.size() == sent);
    }
}

}  // namespace
}  // namespace lastcall
