// Which processes listen on which TCP ports, in their own network namespaces. Reads /proc.
#pragma once

#include "processes.hpp"

#include <map>
#include <set>

namespace lastcall::command {

using Ports = std::map<std::uint64_t, std::uint16_t>;  // by the socket's inode

// All that are listened on where the process is.
[[nodiscard]] Ports ports_around(int pid);

// Those of them whose socket the process holds. Empty optional: that is not to be seen.
[[nodiscard]] std::optional<Ports> ports_of(int pid);

}  // namespace lastcall::command
