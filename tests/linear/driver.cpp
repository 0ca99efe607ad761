// Feeds the followers n and then 2n bytes of each shape that could tempt them to look at a byte
// more than once, whole and byte by byte, and has callgrind write down the instructions of each.
// Knows nothing of what is claimed about the numbers; harness/tests/cost/test_linear_time.py does.

#include "../conversation.hpp"

#include <valgrind/callgrind.h>

#include <cstdio>
#include <cstdlib>

// Whatever is sent is copied to be looked at. Libc copies by other instructions as there is more to
// copy, of which one may count for all the bytes, or once for each.
extern "C" void* memcpy(void* to, const void* from, std::size_t size) {
    auto* out = static_cast<volatile char*>(to);
    const auto* in = static_cast<const char*>(from);
    for (std::size_t i = 0; i < size; ++i) out[i] = in[i];
    return to;
}

namespace lastcall {
namespace {

// A message that grows in the middle: `unit` is repeated until it is n bytes long.
struct Shape {
    const char* name;
    std::string before, unit, after;
};

const std::string get = "GET / HTTP/1.1\r\nHost: h\r\n";
const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
const std::string ok = "HTTP/1.1 200 OK\r\n";
const std::string ok_chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";

const std::vector<Shape>& request_shapes() {
    static const std::vector<Shape> shapes{
        {"empty lines", "", "\r\n", get + "\r\n"},
        {"method", "", "HEAD", " / HTTP/1.1\r\n\r\n"},
        {"target", "GET /", "a", " HTTP/1.1\r\n\r\n"},
        {"PROXY line", "PROXY TCP4 ", "1", "\r\n"},
        {"fields", get, "X: y\r\n", "\r\n"},
        {"empty fields", get, "X:\r\n", "\r\n"},
        {"field name", get, "Connection", ": y\r\n\r\n"},
        {"field value", get + "X: ", "y", "\r\n\r\n"},
        {"white space in a value", get + "Connection:", " \t", "\r\n\r\n"},
        {"connection options", get + "Connection: ", "close,", "\r\n\r\n"},
        {"commas", get + "Connection: ", ",", "\r\n\r\n"},
        {"one long option", get + "Connection: ", "keep-alive", "\r\n\r\n"},
        {"Connection fields", get, "Connection: keep-alive\r\n", "\r\n"},
        {"zeros of a length", post + "Content-Length: ", "0", "5\r\n\r\nhello"},
        {"list of lengths", post + "Content-Length: 5", ",5", "\r\n\r\nhello"},
        {"length fields", post, "Content-Length: 5\r\n", "\r\nhello"},
        {"transfer coding", post + "Transfer-Encoding: ", "chunked", "\r\n\r\n"},
        {"zeros of a chunk size", chunked, "0", "5\r\nhello\r\n0\r\n\r\n"},
        {"chunk extension", chunked + "5;", "x=\"y\";", "\r\nhello\r\n0\r\n\r\n"},
        {"chunks", chunked, "1\r\nx\r\n", "0\r\n\r\n"},
        {"trailers", chunked + "0\r\n", "X: y\r\n", "\r\n"},
        {"pipelined requests", "", get + "\r\n", ""},
        {"pipelined posts", "", post + "Content-Length: 2\r\n\r\nxy", ""},
        {"behind a tunnel", "CONNECT h:1 HTTP/1.1\r\n\r\n", "x", ""},
        {"behind what is not HTTP", "\x80", "x", ""},
    };
    return shapes;
}

const std::vector<Shape>& response_shapes() {
    static const std::vector<Shape> shapes{
        {"reason", "HTTP/1.1 200 ", "O", "\r\nContent-Length: 0\r\n\r\n"},
        {"interim responses", "", "HTTP/1.1 102 x\r\n\r\n", ok + "Content-Length: 0\r\n\r\n"},
        {"response fields", ok, "X: y\r\n", "Content-Length: 0\r\n\r\n"},
        {"response field name", ok, "Keep-Alive", ": y\r\nContent-Length: 0\r\n\r\n"},
        {"response field value", ok + "X: ", "y", "\r\nContent-Length: 0\r\n\r\n"},
        {"fields to remove", ok, "Keep-Alive: x\r\n", "Content-Length: 0\r\n\r\n"},
        {"options to remove", ok + "Connection: ", "keep-alive, ",
         "x\r\nContent-Length: 0\r\n\r\n"},
        {"options to keep", ok + "Connection: ", "x,y ,", "x\r\nContent-Length: 0\r\n\r\n"},
        {"closes", ok + "Connection: ", "close,", "x\r\nContent-Length: 0\r\n\r\n"},
        {"commas between options", ok + "Connection: x", ",", "\r\nContent-Length: 0\r\n\r\n"},
        {"spaces between options", ok + "Connection: x,", " ", "y\r\nContent-Length: 0\r\n\r\n"},
        {"Connection fields to edit", ok, "Connection: keep-alive\r\n",
         "Content-Length: 0\r\n\r\n"},
        {"counted content", ok + "Content-Length: 99999\r\n\r\n", "x", ""},
        {"content until close", ok + "\r\n", "x", ""},
        {"response chunks", ok_chunked, "1\r\nx\r\n", "0\r\n\r\n"},
        {"response trailers", ok_chunked + "0\r\n", "X: y\r\n", "\r\n"},
        {"behind the last response", ok + "Content-Length: 0\r\n\r\n", "x", ""},
    };
    return shapes;
}

std::string grown(const Shape& shape, std::size_t size) {
    std::string text = shape.before;
    for (std::size_t done = 0; done < size; done += shape.unit.size()) text += shape.unit;
    return text + shape.after;
}

template <typename Feed>
void in_parts(Bytes text, std::size_t part, Feed feed) {
    for (; !text.empty(); text = from(text, part)) feed(first(text, part));
}

void read_in(const std::string& text, std::size_t part) {
    Arrivals arrivals;
    in_parts(text, part, [&](Bytes in) {
        if (!arrivals.read(in, {.requests = 1'000'000'000})) std::abort();
    });
}

void write_out(const std::string& text, std::size_t part) {
    Conversation conversation({RequestKind::ordinary}, 1);
    conversation.wire.reserve(2 * text.size());
    in_parts(text, part, [&](Bytes in) {
        if (!conversation.write(in)) std::abort();
    });
}

template <typename Feed>
void measure(const char* side, const Shape& shape, std::size_t size, std::size_t part, Feed feed) {
    const std::string text = grown(shape, size);
    char label[120];
    std::snprintf(label, sizeof label, "%s, %s, %s, %zu", side, shape.name,
                  part == 1 ? "byte by byte" : "whole", size);
    CALLGRIND_ZERO_STATS;
    feed(text, part);
    CALLGRIND_DUMP_STATS_AT(label);
}

}  // namespace
}  // namespace lastcall

int main(int count, char** arguments) {
    using namespace lastcall;
    const std::size_t size = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 1000;
    for (const std::size_t part : {std::size_t{1}, std::size_t{1} << 30}) {
        for (const std::size_t each : {size, 2 * size}) {
            for (const Shape& shape : request_shapes())
                measure("request", shape, each, part, read_in);
            for (const Shape& shape : response_shapes()) {
                measure("response", shape, each, part, write_out);
            }
        }
    }
}
