// How a follower answers, and why a connection is let go of.
// "Incomplete" is a normal answer; "malformed" carries the reason that turns a connection opaque.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lastcall {

// Why a connection became opaque: not edited, not cut, for good. The order is part of the status
// page's layout; add at the end.
enum class Opaque : std::uint8_t {
    no,                // still followed
    tls,               // the first byte is a TLS record's
    http2,             // the preface of HTTP/2: not opaque, its frames are followed from here on
    not_http,          // a start line that is not HTTP/1.0 or HTTP/1.1
    malformed_head,    // bare CR or LF, obs-fold, space before colon, NUL, ... (RFC 9112 2.2, 5)
    ambiguous_length,  // Content-Length with Transfer-Encoding, differing or overflowing lengths
    unknown_coding,    // a transfer coding other than chunked
    malformed_body,    // chunked framing that is not (RFC 9112 7.1)
    upgrade,           // 101 (Switching Protocols)
    tunnel,            // 2xx to CONNECT, or bytes behind a CONNECT not yet answered
    unsolicited,       // a response with no request outstanding
    too_many,          // more requests outstanding than can be remembered
    overlap,           // two threads in the same direction of one connection
    unproven,          // the kernel's byte counts are not ours: somebody else reads or writes
    another_socket,    // the descriptor's number has silently passed to another socket
    special_call,      // out-of-band, error queue, zero-copy, truncating reads, ancillary data
    unseen_bytes,      // sendfile or splice where a head was due
    stdio,             // the server wrapped the descriptor in a FILE
    no_memory,         // the kernel refused memory for what is to be remembered
    malformed_frames,  // HTTP/2 whose frames make no sense (RFC 9113 4, 6)
};

enum class Outcome : std::uint8_t { incomplete, complete, malformed };

// What a follower made of the bytes it was fed: it took `taken` of them. A malformed byte is not
// taken.
struct Progress {
    std::size_t taken = 0;
    Outcome outcome = Outcome::incomplete;
    Opaque reason = Opaque::no;
};

constexpr Progress incomplete(std::size_t taken) {
    return {taken, Outcome::incomplete, Opaque::no};
}

constexpr Progress complete(std::size_t taken) { return {taken, Outcome::complete, Opaque::no}; }

constexpr Progress malformed(std::size_t taken, Opaque reason) {
    return {taken, Outcome::malformed, reason};
}

}  // namespace lastcall
