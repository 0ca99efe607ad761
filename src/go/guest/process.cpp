// The layout of a process's first stack. (System V ABI, AMD64 supplement, 3.4.1)

#include "process.hpp"

namespace lastcall::go {

constinit Process process;
constinit ClockGettime clock_gettime_of_kernel = nullptr;

void take_up(const Process& found) {
    process = found;
    clock_gettime_of_kernel = find_clock_gettime(auxiliary(found, AT_SYSINFO_EHDR));
}

Process read_process(const void* stack) {
    const auto* const count = static_cast<const long*>(stack);
    const auto* word = reinterpret_cast<const char* const*>(count + 1) + *count + 1;
    Process found{word, nullptr};
    while (*word != nullptr) ++word;
    found.auxiliary = reinterpret_cast<const Elf64_auxv_t*>(word + 1);
    return found;
}

unsigned long auxiliary(const Process& of, unsigned long kind) {
    for (const Elf64_auxv_t* entry = of.auxiliary; entry->a_type != AT_NULL; ++entry) {
        if (entry->a_type == kind) return entry->a_un.a_val;
    }
    return 0;
}

}  // namespace lastcall::go
