// A stopped thread's registers, by what is to be done with them. The one file here that knows the
// processor.
#pragma once

#include "../guest/start.hpp"

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>

namespace lastcall::go {

class Registers {
public:
    // Of the thread, as it stands. False if it is gone.
    [[nodiscard]] bool read(pid_t thread) {
        iovec part{&words_, sizeof words_};
        return ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, &part) == 0;
    }
    [[nodiscard]] bool write(pid_t thread) const {
        iovec part{const_cast<Words*>(&words_), sizeof words_};
        return ptrace(PTRACE_SETREGSET, thread, NT_PRSTATUS, &part) == 0;
    }

    // The next instruction makes this system call. instruction: where one stands that does.
    void call(std::uint64_t instruction, long number, const std::array<std::uint64_t, 6>& words);
    // It begins there, with these words for arguments.
    void begin(std::uint64_t instruction, const Launch& launch);

    [[nodiscard]] long result() const;
    [[nodiscard]] std::uint64_t stack() const;
    [[nodiscard]] std::uint64_t instruction() const;

private:
    using Words = user_regs_struct;
    void set_words(const std::array<std::uint64_t, 6>& words);
    Words words_{};
};

}  // namespace lastcall::go
