// Five shapes of response by the request's number.

#include "frames.hpp"

#include "../http2/frames.hpp"

#include <sys/mman.h>
#include <algorithm>
#include <cstdio>
#include <new>

namespace lastcall::threads {
namespace {

using http2::FrameType;

constexpr unsigned ends = 1;
constexpr unsigned whole = 4;

std::uint32_t number_of(Bytes bytes) {
    std::uint32_t number = 0;
    for (const char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
    return number;
}

std::string as_bytes(std::uint32_t number) {
    std::string bytes(4, '\0');
    for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<char>(number >> (24 - 8 * i));
    return bytes;
}

}  // namespace

std::string client_greeting() {
    return http2::client_preface + http2::frame(FrameType::settings, 0, 0, {});
}

std::string server_greeting() {
    return http2::frame(FrameType::settings, 0, 0, std::string(12, '\1')) + http2::frame("A");
}

std::string open_stream(std::uint32_t stream, std::uint32_t number, bool with_content) {
    const unsigned end = with_content ? 0 : ends;
    const std::string head =
        http2::frame(FrameType::headers, whole | end, stream, as_bytes(number));
    return with_content ? head + http2::frame(FrameType::data, ends, stream, "content") : head;
}

std::string content_of(std::uint32_t number) {
    constexpr std::size_t sizes[] = {2, 3000, 0, 700, 40000};
    std::string body = "answer " + std::to_string(number) + "\n";
    while (body.size() < sizes[number % 5]) body += body;
    body.resize(sizes[number % 5]);
    return body;
}

std::string answer_stream(std::uint32_t stream, std::uint32_t number) {
    const std::string body = content_of(number);
    constexpr std::size_t most = 16384;
    std::string wire =
        http2::frame(FrameType::headers, whole | (body.empty() ? ends : 0), stream, "\x88");
    for (std::size_t at = 0; at < body.size(); at += most) {
        const bool last = body.size() - at <= most;
        wire += http2::frame(FrameType::data, last ? ends : 0, stream, body.substr(at, most));
    }
    return wire;
}

bool take_frame(std::string& held, Frame& frame) {
    if (held.size() < http2::frame_header_size) return false;
    const std::uint32_t length = number_of(Bytes(held).substr(0, 3));
    if (held.size() < http2::frame_header_size + length) return false;
    frame = {static_cast<unsigned char>(held[3]), static_cast<unsigned char>(held[4]),
             number_of(Bytes(held).substr(5, 4)), held.substr(http2::frame_header_size, length)};
    held.erase(0, http2::frame_header_size + length);
    return true;
}

std::uint32_t number_in(const Frame& frame) { return number_of(Bytes(frame.payload).substr(0, 4)); }

Ledger& Ledger::shared() {
    static Ledger* const only = [] {
        void* const memory = ::mmap(nullptr, sizeof(Ledger), PROT_READ | PROT_WRITE,
                                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        return static_cast<Ledger*>(memory);
    }();
    return *only;
}

bool Ledger::is_consistent() {
    const std::uint32_t count = std::min(newest_.exchange(0), most);
    std::uint32_t refusals = 0;
    std::uint32_t both = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint8_t marks = marks_[i].exchange(0);
        if ((marks & refused) != 0) ++refusals;
        if (marks == (executed | refused)) ++both;
    }
    std::printf("  %u requests, %u refused, %u connections ended by the guest\n", count, refusals,
                finished_.exchange(0));
    if (both != 0) std::fprintf(stderr, "%u requests were refused and executed\n", both);
    return both == 0;
}

}  // namespace lastcall::threads
