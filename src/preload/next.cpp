// Finds the next definitions by dlsym(RTLD_NEXT), which judges by the address of its caller: this
// file is compiled without sibling calls, lest dlsym be entered by a jump from somebody else's
// frame. Nothing else in the library calls dlsym.

#include "next.hpp"

#include "calls.hpp"

#include <dlfcn.h>
#include <unistd.h>
#include <charconv>
#include <string_view>

// glibc 2.34 moved dlsym to libc.so.6 under a new version; the old one is there for ever.
#if defined(__GLIBC__) && defined(__x86_64__)
asm(".symver dlsym, dlsym@GLIBC_2.2.5");
#elif defined(__GLIBC__) && defined(__aarch64__)
asm(".symver dlsym, dlsym@GLIBC_2.17");
#endif

const char lastcall_guest[9] = "lastcall";

namespace lastcall::next {
namespace {

constexpr std::uint16_t no_glibc = 0;

// The minor version of glibc 2.x; no_glibc on musl, whose confstr does not know the question.
std::uint16_t glibc_minor() {
    char text[32] = {};
    const std::size_t size = confstr(_CS_GNU_LIBC_VERSION, text, sizeof text);
    constexpr std::string_view before = "glibc 2.";
    if (size <= before.size() + 1 || size > sizeof text) return no_glibc;
    if (!std::string_view(text).starts_with(before)) return no_glibc;
    std::uint16_t minor = no_glibc;
    std::from_chars(text + before.size(), text + size - 1, minor);
    return minor;
}

bool defined_in(Since since, std::uint16_t glibc) {
    if (since == Since::ever) return true;
    if (since == Since::musl) return glibc == no_glibc;
    return glibc != no_glibc && glibc >= static_cast<std::uint16_t>(since);
}

void* next_of(const char* name, Since since, std::uint16_t glibc) {
    return defined_in(since, glibc) ? dlsym(RTLD_NEXT, name) : nullptr;
}

template <typename Row>
[[gnu::always_inline]] inline void define(Row& row, void* definition) {
    if (definition != nullptr) row.define(definition);
}

// For stdio functions called before our constructor: their libc is initialised, we are not.
template <typename Function>
Function find(const char* name) {
    void* const definition = dlsym(RTLD_NEXT, name);
    return reinterpret_cast<Function>(definition);
}

}  // namespace

// Code, not a table: each pointer in a table would be a relocation, three times its size.
#define LASTCALL_FIND(symbol, since, early, signature) \
    define(symbol, next_of(#symbol, Since::since, glibc));

void find_all() {
    const std::uint16_t glibc = glibc_minor();
    LASTCALL_SYMBOLS(LASTCALL_FIND)
}
#undef LASTCALL_FIND

bool first_of_its_kind() {
    void* const reached = dlsym(RTLD_DEFAULT, "lastcall_guest");
    return reached == nullptr || reached == lastcall_guest;
}

namespace early {

// Before Linux 5.9 libc knows another way.
int closefrom(int first) {
    const KeepErrno keep;
    const long closed = raw::call(SYS_close_range, first < 0 ? 0L : first, 0xffffffffL, 0L);
    auto* const libc = closed == 0 ? nullptr : find<decltype(&closefrom)>("closefrom");
    return libc == nullptr ? 0 : libc(first);
}

FILE* fdopen(int fd, const char* mode) { return find<decltype(&fdopen)>("fdopen")(fd, mode); }

int fclose(FILE* stream) { return find<decltype(&fclose)>("fclose")(stream); }

FILE* freopen(const char* path, const char* mode, FILE* stream) {
    return find<decltype(&freopen)>("freopen")(path, mode, stream);
}

FILE* freopen64(const char* path, const char* mode, FILE* stream) {
    return find<decltype(&freopen)>("freopen64")(path, mode, stream);
}

int fcloseall() { return find<decltype(&fcloseall)>("fcloseall")(); }

}  // namespace early
}  // namespace lastcall::next
