// Which processes listen on which TCP ports, in their own network namespaces. Reads /proc.
#pragma once

#include "processes.hpp"

#include <map>
#include <string>

namespace lastcall::command {

using Ports = std::map<std::uint64_t, std::uint16_t>;  // by the socket's inode

// Remembers what is listened on in each network namespace: the kernel walks all its sockets to
// tell.
class Networks {
public:
    // All that are listened on where the process is.
    [[nodiscard]] const Ports& ports_around(int pid);

    // Those of them whose socket the process holds. Empty optional: that is not to be seen.
    [[nodiscard]] std::optional<Ports> ports_of(int pid);

private:
    std::map<std::string, Ports> known_;  // by the namespace, as its link says
};

}  // namespace lastcall::command
