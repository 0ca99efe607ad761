// No assumption holds for longer than one read: each answer is a picture of a moment.

#include "processes.hpp"

#include "../files.hpp"
#include "../text.hpp"
#include "identity.hpp"

#include <elf.h>
#include <unistd.h>
#include <cstring>
#include <filesystem>
#include <set>

namespace lastcall::command {

std::string proc_path(int pid, const char* name) {
    return "/proc/" + std::to_string(pid) + '/' + name;
}

std::optional<Process> live_process(int pid) {
    const auto text = read_text(proc_path(pid, "stat"));
    const auto process = text ? read_stat(*text) : std::nullopt;
    if (!process || process->zombie) return {};
    return process;
}

Processes visible_processes() {
    Processes found;
    std::error_code error;
    std::filesystem::directory_iterator entry("/proc", error);
    for (; !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
        const auto pid = whole_number(entry->path().filename().string());
        const auto process = pid ? live_process(static_cast<int>(*pid)) : std::nullopt;
        if (process) found.push_back(*process);
    }
    return found;
}

namespace {

Processes with_descendants(std::set<int> members, const Processes& all) {
    for (bool grown = true; grown;) {
        grown = false;
        for (const Process& process : all) {
            if (members.contains(process.parent)) grown |= members.insert(process.pid).second;
        }
    }
    Processes family;
    for (const Process& process : all) {
        if (members.contains(process.pid)) family.push_back(process);
    }
    return family;
}

}  // namespace

Processes family_of(int pid, const Processes& all) { return with_descendants({pid}, all); }

Processes family_of(const Processes& roots, const Processes& all) {
    std::set<int> members;
    for (const Process& root : roots) members.insert(root.pid);
    return with_descendants(std::move(members), all);
}

int inner_pid(int pid) {
    const auto text = read_text(proc_path(pid, "status"));
    return (text ? read_inner_pid(*text) : std::nullopt).value_or(pid);
}

std::size_t pid_depth(int pid) {
    return read_pid_depth(read_text(proc_path(pid, "status")).value_or(""));
}

namespace {

std::string kernels_name(int pid) {
    std::string name = read_text(proc_path(pid, "comm")).value_or("");
    if (name.ends_with('\n')) name.pop_back();
    return name;
}

}  // namespace

std::string server_name(int pid) {
    constexpr Bytes deleted = " (deleted)";
    std::string path;
    ask_as_process(pid, [&] { return !(path = link_target(proc_path(pid, "exe"))).empty(); });
    if (path.ends_with(deleted)) path.resize(path.size() - deleted.size());
    return path.empty() ? kernels_name(pid) : base_name(path);
}

bool is_called(int pid, Bytes name) {
    if (name == kernels_name(pid)) return true;
    const std::string words = read_text(proc_path(pid, "cmdline")).value_or("");
    return name == base_name(first(words, words.find('\0'))) || name == server_name(pid);
}

std::string command_line(int pid, std::size_t most) {
    std::string line = read_command_line(read_text(proc_path(pid, "cmdline")).value_or(""));
    if (line.empty()) return server_name(pid);
    if (line.size() > most) line = line.substr(0, most) + "...";
    return line;
}

std::optional<std::vector<Mapping>> mapped_files(int pid,
                                                 const std::function<bool(Bytes path)>& wanted) {
    std::vector<Mapping> found;
    const auto note = [&](Bytes line) {
        auto mapping = read_mapping(line);
        if (mapping && wanted(mapping->path)) found.push_back(std::move(*mapping));
    };
    const std::string path = proc_path(pid, "maps");
    if (!ask_as_process(pid, [&] { return each_line(path, note); })) return {};
    return found;
}

std::optional<std::uint64_t> told_by_kernel(int pid, std::uint64_t type) {
    std::string bytes;
    ask_as_process(pid, [&] {
        bytes = read_text(proc_path(pid, "auxv")).value_or("");
        return !bytes.empty();
    });
    Elf64_auxv_t entry;
    for (std::size_t at = 0; at + sizeof entry <= bytes.size(); at += sizeof entry) {
        std::memcpy(&entry, bytes.data() + at, sizeof entry);
        if (entry.a_type == type) return entry.a_un.a_val;
    }
    return {};
}

std::string unknown_process(int pid) {
    if (!read_text("/proc/self/stat")) {
        return "/proc is not mounted, so no process can be looked at";
    }
    return "there is no process " + std::to_string(pid);
}

std::string closed_to_us(int pid) {
    const std::string process = "process " + std::to_string(pid);
    if (geteuid() != 0) return process + " belongs to another user: ask as root";
    return process +
           " gave up root without an exec, and may be looked into only with CAP_SYS_PTRACE "
           "(in Kubernetes, securityContext.capabilities.add: [SYS_PTRACE])";
}

}  // namespace lastcall::command
