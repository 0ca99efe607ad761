// A Go program says that it is one by a note in its headers (cmd/internal/buildid, "Go build ID").
// Those without it, built to be the same everywhere, are taken for Go's where LASTCALL_GO=on.

#include "handover.hpp"

#include "../go/headers.hpp"
#include "../go/note.hpp"
#include "../go/switch.hpp"
#include "next.hpp"

#include <lastcall/bytes.hpp>

#include <dlfcn.h>
#include <elf.h>
#include <unistd.h>
#include <array>
#include <cstring>

#if defined(__GLIBC__) && defined(__x86_64__)
asm(".symver dlopen, dlopen@GLIBC_2.2.5");
asm(".symver dladdr, dladdr@GLIBC_2.2.5");
asm(".symver dlsym, dlsym@GLIBC_2.2.5");
#elif defined(__GLIBC__) && defined(__aarch64__)
asm(".symver dlopen, dlopen@GLIBC_2.17");
asm(".symver dladdr, dladdr@GLIBC_2.17");
asm(".symver dlsym, dlsym@GLIBC_2.17");
#endif

namespace lastcall {
namespace {

// Notes need not be in memory.
bool is_loaded(go::Headers headers, const Elf64_Phdr& part) {
    for (const Elf64_Phdr& header : headers) {
        if (go::is_held(header, part.p_vaddr, part.p_filesz)) return true;
    }
    return false;
}

bool says_go() {
    const go::Headers headers = go::own_headers();
    const auto moved = go::moved_by(headers);
    if (!moved) return false;
    for (const Elf64_Phdr& header : headers) {
        if (header.p_type != PT_NOTE || !is_loaded(headers, header)) continue;
        const auto* const notes = reinterpret_cast<const char*>(*moved + header.p_vaddr);
        if (go::has_go_note({notes, header.p_filesz}, header.p_align)) return true;
    }
    return false;
}

// Beside this library, as the loader found it.
void* open_other() {
    constexpr char name[] = "liblastcall-go.so";
    std::array<char, 512> path;
    Dl_info own{};
    if (dladdr(lastcall_guest, &own) == 0 || own.dli_fname == nullptr) return nullptr;
    const Bytes whole{own.dli_fname};
    const Bytes folder = first(whole, whole.rfind('/') + 1);
    if (folder.size() + sizeof name > path.size()) return nullptr;
    std::memcpy(path.data(), folder.data(), folder.size());
    std::memcpy(path.data() + folder.size(), name, sizeof name);
    return dlopen(path.data(), RTLD_NOW | RTLD_LOCAL);
}

}  // namespace

Handover hand_over() {
    if (go::is_switched("off")) return Handover::not_go;
    const bool says_so = says_go();
    if (!says_so && !go::is_switched("on")) return Handover::not_go;
    void* const other = open_other();
    if (other == nullptr) return says_so ? Handover::missing : Handover::not_go;
    using TakeOver = int (*)(const char* const* environment, const Elf64_auxv_t* auxiliary);
    const auto take_over = reinterpret_cast<TakeOver>(dlsym(other, "lastcall_go"));
    if (take_over == nullptr) return Handover::missing;
    std::array<Elf64_auxv_t, 6> auxiliary{};
    const std::array kinds{AT_PHDR, AT_PHNUM, AT_RANDOM, AT_SECURE, AT_SYSINFO_EHDR};
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        auxiliary[i].a_type = static_cast<std::uint64_t>(kinds[i]);
        auxiliary[i].a_un.a_val = getauxval(auxiliary[i].a_type);
    }
    return take_over(environ, auxiliary.data()) != 0 ? Handover::done : Handover::declined;
}

}  // namespace lastcall
