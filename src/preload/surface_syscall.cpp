// syscall(2) as a function: libuv closes by it, and old runtimes do more.

#include "surface.hpp"
#include "system_call.hpp"

#include <cstdarg>

using namespace lastcall;

LASTCALL_EXPORT long syscall(long number, ...) {
    va_list rest;
    va_start(rest, number);
    surface::SystemCall call{number, 0, 0, 0, 0, 0, 0};
    for (long* word : {&call.a, &call.b, &call.c, &call.d, &call.e, &call.f}) {
        *word = va_arg(rest, long);
    }
    va_end(rest);
    return surface::system_call(call);
}
