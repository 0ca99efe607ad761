// The ways in which the call fuzzers' servers move bytes: by every exported function, whole and in
// parts. Knows no connection, and no law but that counts are possible ones.
#pragma once

#include <sys/types.h>
#include <array>
#include <string>

namespace lastcall::fake {

// A pipe and a file for the calls that need one; real, empty between calls.
struct Helpers {
    std::array<int, 2> pipe{};
    int file = -1;
};
extern Helpers helpers;

// 0 to 10: 1 peeks, 2 does not wait, 6 goes by way of a pipe, 10 asks for what is urgent.
ssize_t receive(int fd, unsigned way, char* to, std::size_t size);
// 0 to 15: 5 to 7 go unseen; 11 and 12 have a flag that is not plain, 13 carries more than bytes,
// 14 is urgent.
ssize_t transmit(int fd, unsigned way, const std::string& text);

}  // namespace lastcall::fake
