// Laws of the ELF reader: any bytes give a verdict, within bounds (the sanitizers see to it); a
// damaged file never works; and what is behind the end of what was read plays no part.

#include "../../src/command/programs/verdict.hpp"

#include <cstring>
#include <memory>

namespace lastcall::command {
namespace {

void law(bool holds) {
    if (!holds) __builtin_trap();
}

void check(Bytes file) {
    const Elf elf = read_elf(file);
    const Findings findings = judge_elf(elf);
    law(elf.shape == Shape::program || overall(findings) == Answer::fails);
    law(findings.size() <= 1);
    law(elf.shape != Shape::damaged || *elf.damage != '\0');
    // Once more from a place of its own: an over-read would meet other bytes.
    const auto copy = std::make_unique<char[]>(file.size() + 1);
    std::memcpy(copy.get(), file.data(), file.size());
    const Elf again = read_elf({copy.get(), file.size()});
    law(again.shape == elf.shape && again.go == elf.go && again.needed == elf.needed);
    law(again.imports_accept == elf.imports_accept && again.interpreter == elf.interpreter);
}

}  // namespace
}  // namespace lastcall::command

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size != 0) lastcall::command::check({reinterpret_cast<const char*>(data), size});
    return 0;
}
