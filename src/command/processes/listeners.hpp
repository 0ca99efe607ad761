// Which processes listen on which TCP ports, as /proc tells: a process's sockets, and the listening
// ones of its network namespace. Knows no page. What is not to be seen is left out.
#pragma once

#include "processes.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace lastcall::command {

using Listening = std::map<std::uint64_t, std::uint16_t>;  // inode of the socket, port

// All that is listened on in the network namespace of the process.
[[nodiscard]] Listening listening_near(int pid);

// Those of them whose socket the process holds. Empty optional: that is not to be seen.
[[nodiscard]] std::optional<Listening> listening_of(int pid);

// The ports that the process listens on, each once, in order. Looks at its first few thousand
// descriptors: servers listen before they accept.
[[nodiscard]] std::vector<std::uint16_t> listening_ports(int pid);

// Those of the processes that listen on the port in this command's own network namespace.
[[nodiscard]] Processes listeners(std::uint16_t port, const Processes& among);

// Does anybody, seen or not?
[[nodiscard]] bool is_listened_on(std::uint16_t port);

}  // namespace lastcall::command
