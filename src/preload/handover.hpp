// A Go program makes its system calls itself, and nothing here would ever be called: the library
// beside this one takes it over.
#pragma once

namespace lastcall {

enum class Handover : unsigned char {
    not_go,
    done,     // the other library has it, and says what is to be said
    missing,  // there is no such library, or it cannot be loaded
    declined  // the program is not to be patched, or that was refused, which has been said
};

// Nothing is tried where the program is not Go's.
[[nodiscard]] Handover hand_over();

}  // namespace lastcall
