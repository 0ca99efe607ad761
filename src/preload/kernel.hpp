// Questions to the kernel about a socket: what it is, and the proof of position, that what we have
// counted is what went through it. Asks, concludes, changes nothing. May change errno.
#pragma once

#include "connection.hpp"

#include <sys/socket.h>
#include <optional>

namespace lastcall::kernel {

// Plain TCP over IPv4 or IPv6; no other stream, no MPTCP.
[[nodiscard]] bool is_tcp(int fd);
// What tells this socket from all others: SO_COOKIE, or before Linux 4.12 its inode. 0: neither.
[[nodiscard]] std::uint64_t identity(int fd);
[[nodiscard]] std::uint16_t local_port(int fd);  // 0: not to be had
// As getpeername(2), of a socket that is closed in both directions too. 0, or -1 and errno.
[[nodiscard]] int peer_name(int fd, sockaddr* address, socklen_t* length);

// A connected TCP socket on which nothing was ever read or written; never a client's, whose SYN has
// been acknowledged.
[[nodiscard]] bool is_untouched(int fd);

// Is this descriptor still the socket the connection was born with?
[[nodiscard]] bool same_socket(int fd, const Connection& connection);

// Bytes acknowledged plus those queued equal those sent. Bytes received less those unread equal
// those taken. Writers: whether a write of ours may be under way on another thread, with bytes it
// has not counted yet.
enum class Proof : std::uint8_t {
    refused,
    given,
    not_to_be_had  // the kernel keeps no counts (before Linux 4.1): what there is decides
};
enum class Writers : std::uint8_t { none, perhaps };
[[nodiscard]] Proof prove_output(int fd, const Connection& connection, Writers writers);
[[nodiscard]] Proof prove_input(int fd, const Connection& connection);

// The bytes that the kernel took and `sent` does not count yet; nothing if it keeps no counts, or
// they do not fit. Packets move meanwhile: an answer that does not please is worth asking again.
[[nodiscard]] std::optional<std::uint64_t> uncounted(int fd, const Connection& connection);
// The peer has said FIN and takes what is sent; it has not gone.
[[nodiscard]] bool half_closed(int fd);
// Has the peer's kernel not acknowledged yet all that was sent, a FIN of ours too? How much of it.
[[nodiscard]] int unacknowledged(int fd);

// Both sides are open, nothing is unread or not acknowledged, and all that went either way is
// counted.
[[nodiscard]] bool is_still(int fd, const Connection& connection);

[[nodiscard]] bool has_unread(int fd);
// Do peeks begin where the last one ended, or at another offset (SO_PEEK_OFF; TCP since Linux 6.9)?
[[nodiscard]] bool peeks_ahead(int fd);
[[nodiscard]] bool blocks(int fd, int flags);
// The socket's SO_RCVTIMEO in milliseconds; -1: none.
[[nodiscard]] int receive_timeout(int fd);
// Would a read of this socket, interrupted now, be restarted whatever the signal was? Then the
// server has never been told of an interrupt, and must not be. Keeps errno.
[[nodiscard]] bool restarts_reads(int fd);

}  // namespace lastcall::kernel
