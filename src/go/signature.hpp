// How a place in a program's code is known: by the bytes before it and behind it.
#pragma once

#include <array>
#include <cstddef>

namespace lastcall::go {

using Byte = unsigned char;

struct Signature {
    std::array<Byte, 35> before;
    std::size_t before_size;
    std::array<Byte, 7> behind;
    std::size_t behind_size;
};

}  // namespace lastcall::go
