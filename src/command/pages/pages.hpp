// Finds status pages through the processes that map them, opens them in those processes' own view
// of the file system, and reads or writes their words. Knows where pages are, not what they mean.
#pragma once

#include "../files.hpp"
#include "../processes/processes.hpp"
#include "page.hpp"

#include <functional>
#include <memory>

namespace lastcall::command {

struct Holder {  // a process that maps the page
    Process process;
    int inner_pid = 0;
    std::string mapped;  // the mapping's range
};

struct FoundPage {
    std::string path;    // as its holders see it
    std::string device;  // as /proc/PID/maps tells it
    std::uint64_t inode = 0;
    std::vector<Holder> holders;
};

// A device as /proc/PID/maps writes it.
[[nodiscard]] std::string device_text(dev_t device);

// The pages that these processes map, each once.
[[nodiscard]] std::vector<FoundPage> pages_among(const Processes& processes);

[[nodiscard]] bool is_held_by(const FoundPage& page, int pid);
[[nodiscard]] bool is_held_by(const FoundPage& page, const Processes& processes);

// All pages that visible processes map.
[[nodiscard]] std::vector<FoundPage> all_pages();

// The pages that the process or a descendant of it maps. Throws Failure if there is no such
// process.
[[nodiscard]] std::vector<FoundPage> pages_of(int pid);

// Which of the pages of a family may be steered. A process of a host has the servers of all its
// containers for descendants: those are in pid namespaces of their own, and meant only if that is
// said.
class Reach {
public:
    explicit Reach(std::size_t depth) : depth_(depth) {}
    Reach(int pid, bool all) : depth_(all ? 0 : pid_depth(pid)) {}
    [[nodiscard]] bool includes(const FoundPage& page) const;

private:
    std::size_t depth_;  // 0: of any
};

// Why there is none of the process nor of a descendant, and what would help.
[[nodiscard]] std::string without_page(int pid);

enum class Access : std::uint8_t { read, write };

// Empty: `error` says why.
[[nodiscard]] Descriptor open_page(const FoundPage& page, Access access, std::string& error);

// A picture of the page, read and not mapped: a file cut short meanwhile is refused and no SIGBUS.
struct Picture {
    std::unique_ptr<status::Page> page;
    std::string error;
};
[[nodiscard]] Picture read_page(const Descriptor& file);
[[nodiscard]] Picture read_page(const FoundPage& page);

// Maps the page's control words for as long as `use` runs. The error, or empty.
[[nodiscard]] std::string with_control(const FoundPage& page,
                                       const std::function<void(status::Control&)>& use);

}  // namespace lastcall::command
