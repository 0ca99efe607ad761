// proc(5), as far as it is needed.

#include "proc.hpp"

#include "../text.hpp"

#include <lastcall/status_page.hpp>

#include <algorithm>
#include <charconv>

namespace lastcall::command {
namespace {

// The kernel writes a newline in a path as \012 and leaves all else as it is.
std::string unescaped(Bytes path) {
    std::string result;
    while (!path.empty()) {
        const bool newline = path.starts_with("\\012");
        result += newline ? '\n' : path[0];
        path = from(path, newline ? 4 : 1);
    }
    return result;
}

std::vector<std::string> words_of_line(Bytes text, Bytes name) {
    const std::size_t place = text.find(name);
    if (place == Bytes::npos) return {};
    const Bytes rest = from(text, place + name.size());
    return words(first(rest, rest.find('\n')));
}

Bytes next_word(Bytes& rest) {
    const std::size_t start = rest.find_first_not_of(' ');
    rest = from(rest, start);
    const std::size_t end = rest.find(' ');
    const Bytes word = first(rest, end);
    rest = from(rest, end);
    return word;
}

}  // namespace

std::optional<Process> read_stat(Bytes text) {
    const std::size_t name_end = text.rfind(')');
    if (name_end == Bytes::npos) return {};
    const auto pid = whole_number(first(text, text.find(' ')));
    const auto fields = words(from(text, name_end + 1));  // from the third field on
    if (!pid || fields.size() < 20) return {};
    const auto parent = whole_number(fields[1]);
    const auto start = whole_number(fields[19]);
    if (!parent || !start) return {};
    const bool zombie = fields[0] == "Z" || fields[0] == "X";
    return Process{static_cast<int>(*pid), static_cast<int>(*parent), *start, zombie};
}

std::optional<int> read_inner_pid(Bytes text) {
    const auto pids = words_of_line(text, "\nNSpid:");
    const auto pid = pids.empty() ? std::nullopt : whole_number(pids.back());
    if (!pid) return {};
    return static_cast<int>(*pid);
}

std::size_t read_pid_depth(Bytes text) { return words_of_line(text, "\nNSpid:").size(); }

std::optional<Identity> read_identity(Bytes text) {
    const auto users = words_of_line(text, "\nUid:");  // real, effective, saved, of files
    const auto groups = words_of_line(text, "\nGid:");
    if (users.size() != 4 || groups.size() != 4) return {};
    const auto user = whole_number(users[1]);
    const auto group = whole_number(groups[1]);
    if (!user || !group) return {};
    Identity identity{static_cast<uid_t>(*user), static_cast<gid_t>(*group)};
    for (const std::string& other : words_of_line(text, "\nGroups:")) {
        identity.groups.push_back(static_cast<gid_t>(whole_number(other).value_or(*group)));
    }
    return identity;
}

std::optional<Mapping> read_mapping(Bytes line) {
    Mapping mapping;
    mapping.range = next_word(line);
    for (int skipped = 0; skipped < 2; ++skipped) next_word(line);  // permissions, offset
    mapping.device = next_word(line);
    const auto inode = whole_number(next_word(line));
    const std::size_t slash = line.find('/');
    if (!inode || *inode == 0 || slash == Bytes::npos) return {};
    mapping.inode = *inode;
    constexpr Bytes deleted = " (deleted)";
    Bytes path = from(line, slash);
    if (path.ends_with(deleted)) path = first(path, path.size() - deleted.size());
    mapping.path = unescaped(path);
    return mapping;
}

std::optional<Listener> read_listener(Bytes line) {
    constexpr Bytes listens = "0A";
    const auto fields = words(line);
    if (fields.size() < 10 || fields[3] != listens) return {};
    const Bytes local = fields[1];  // address:port, both in hexadecimal digits
    const Bytes digits = from(local, local.rfind(':') + 1);
    Listener listener;
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, listener.port, 16);
    const auto inode = whole_number(fields[9]);
    if (error != std::errc{} || stop != end || !inode) return {};
    listener.inode = *inode;
    return listener;
}

std::optional<std::uint64_t> read_socket(Bytes link) {
    constexpr Bytes prefix = "socket:[";
    if (!link.starts_with(prefix) || !link.ends_with(']')) return {};
    return whole_number(first(from(link, prefix.size()), link.size() - prefix.size() - 1));
}

std::string read_command_line(Bytes text) {
    while (text.ends_with('\0')) text = first(text, text.size() - 1);
    std::string line{text};
    std::replace(line.begin(), line.end(), '\0', ' ');
    return line;
}

std::optional<std::uint64_t> read_boot_time(Bytes text) {
    const auto found = words_of_line(text, "\nbtime ");
    return found.empty() ? std::nullopt : whole_number(found[0]);
}

std::optional<PageName> read_page_name(Bytes path) {
    constexpr Bytes prefix = status::file_prefix;
    const std::string name = base_name(path);
    if (!name.starts_with(prefix)) return {};
    const auto numbers = split(from(name, prefix.size()), '-');
    if (numbers.size() != 2) return {};
    const auto pid = whole_number(numbers[0]);
    const auto start = whole_number(numbers[1]);
    if (!pid || !start) return {};
    return PageName{static_cast<int>(*pid), *start};
}

bool is_page_name(Bytes path) { return read_page_name(path).has_value(); }

}  // namespace lastcall::command
