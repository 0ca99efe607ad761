// RPATH, LD_LIBRARY_PATH, RUNPATH, the configured folders, the default ones, in the loader's order.

#include "libraries.hpp"

#include "../files.hpp"
#include "../text.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <set>

namespace lastcall::command {
namespace {

using Folders = std::vector<std::string>;

constexpr std::size_t most_libraries = 512;

void add(Folders& folders, const Folders& more) {
    folders.insert(folders.end(), more.begin(), more.end());
}

// Of a path in an ELF file. The other tokens ($LIB, $PLATFORM) are not followed.
Folders expanded(const std::string& path, const std::string& origin) {
    Folders folders;
    for (std::string& folder : split(path, ':')) {
        for (const std::string token : {"${ORIGIN}", "$ORIGIN"}) {
            const std::size_t place = folder.find(token);
            if (place != std::string::npos) folder.replace(place, token.size(), origin);
        }
        if (!folder.empty() && folder.find('$') == std::string::npos) folders.push_back(folder);
    }
    return folders;
}

// ld.so.conf knows folders and "include /etc/ld.so.conf.d/*.conf".
void read_configuration(const std::string& path, int depth, Folders& folders) {
    const auto text = read_text(path);
    if (!text || depth > 3) return;
    for (const std::string& line : split(*text, '\n')) {
        const auto parts = words(Bytes{line}.substr(0, line.find('#')));
        if (parts.size() == 1 && parts[0][0] == '/') folders.push_back(parts[0]);
        if (parts.size() != 2 || parts[0] != "include" || !parts[1].ends_with("*.conf")) continue;
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator(folder_of(parts[1]), error)) {
            if (entry.path().extension() == ".conf") {
                read_configuration(entry.path().string(), depth + 1, folders);
            }
        }
    }
}

const Folders& common_folders() {
    static const Folders folders = [] {
        Folders found;
        read_configuration("/etc/ld.so.conf", 0, found);
#ifdef __aarch64__
        const std::string machine = "aarch64";
#else
        const std::string machine = "x86_64";
#endif
        const auto musl = read_text("/etc/ld-musl-" + machine + ".path");
        for (const std::string& line : split(musl.value_or(""), '\n')) {
            add(found, expanded(line, ""));
        }
        for (const char* const folder : {"/lib", "/usr/lib"}) {
            found.push_back(std::string{folder} + '/' + machine + "-linux-gnu");
            found.push_back(std::string{folder} + '/' + machine + "-linux-musl");
            found.push_back(std::string{folder} + "64");
            found.emplace_back(folder);
        }
        found.emplace_back("/usr/local/lib");
        return found;
    }();
    return folders;
}

Folders folders_for(const Elf& elf, const Elf& program, const std::string& path) {
    const std::string origin = folder_of(path);
    Folders folders;
    if (elf.runpath.empty()) {
        add(folders, expanded(elf.rpath, origin));
        add(folders, expanded(program.rpath, origin));
    }
    const char* const chosen = std::getenv("LD_LIBRARY_PATH");
    if (chosen != nullptr) add(folders, expanded(chosen, origin));
    add(folders, expanded(elf.runpath, origin));
    add(folders, common_folders());
    return folders;
}

struct Library {
    std::string path;
    Elf elf;
};

// musl's loader is its libc, under whatever name and version (ldso/dynlink.c).
bool is_musl_itself(const std::string& name, const Elf& program) {
    if (!base_name(program.interpreter).starts_with("ld-musl-")) return false;
    constexpr std::array<Bytes, 7> parts{"libc.",  "libpthread.", "librt.",  "libm.",
                                         "libdl.", "libutil.",    "libxnet."};
    return std::any_of(parts.begin(), parts.end(),
                       [&](Bytes part) { return name.starts_with(part); });
}

// As the loader: files for another machine are passed over.
std::optional<Library> find(const std::string& name, const Folders& folders) {
    const bool is_path = name.find('/') != std::string::npos;
    for (const std::string& folder : is_path ? Folders{""} : folders) {
        std::string path = folder;
        path.append(is_path ? "" : "/").append(name);
        const Content content = open_program(path);
        if (!content.image) continue;
        Elf elf = read_elf(*content.image);
        if (elf.shape == Shape::program && elf.machine == own_machine()) return {{path, elf}};
    }
    return {};
}

}  // namespace

Needs look_through(const Elf& program, const std::string& path) {
    Needs needs;
    std::set<std::string> seen;
    std::vector<Library> due{{path, program}};
    for (std::size_t i = 0; i < due.size() && i < most_libraries; ++i) {
        const Library library = due[i];
        needs.imports_accept |= library.elf.imports_accept;
        const Folders folders = folders_for(library.elf, program, library.path);
        for (const std::string& name : library.elf.needed) {
            if (!seen.insert(name).second || is_musl_itself(name, program)) continue;
            if (needs.tls.empty() && is_tls_library(name)) needs.tls = name;
            if (needs.http2.empty() && is_http2_library(name)) needs.http2 = name;
            auto found = find(name, folders);
            if (found) {
                due.push_back(std::move(*found));
            } else if (name != base_name(program.interpreter)) {
                needs.missing.push_back(name);
            }
        }
    }
    return needs;
}

}  // namespace lastcall::command
