// ELF files made by hand for tests: valid ones to begin with, so that each test spoils one thing.
#pragma once

#include "../../src/command/programs/elf.hpp"
#include "../../src/command/programs/verdict.hpp"

#include <elf.h>
#include <cstring>
#include <string>
#include <vector>

namespace lastcall::command {

struct ElfSketch {
    std::string interpreter = "/lib64/ld-linux-x86-64.so.2";
    std::vector<std::string> needed = {"libc.so.6"};
    std::string runpath = {};
    std::vector<std::string> imports = {};
    std::vector<std::string> exports = {};
    std::string data = {};  // of a segment that can be written, at a multiple of 16
    std::string text = {};  // of one that cannot
    bool dynamic = true;
};

// At address 0x400000 lies the file itself, as linkers like it.
class ElfFile {
public:
    static constexpr std::uint64_t base = 0x400000;

    explicit ElfFile(const ElfSketch& sketch) {
        bytes_.resize(sizeof(Elf64_Ehdr) + 5 * sizeof(Elf64_Phdr));
        if (!sketch.interpreter.empty()) {
            const std::string name = sketch.interpreter + '\0';
            add_segment(PT_INTERP, PF_R, append(name), name.size());
        }
        if (sketch.dynamic) add_dynamic(sketch);
        add_segment(PT_LOAD, PF_R | PF_W, append(sketch.data), sketch.data.size());
        const std::uint64_t text = append(sketch.text);
        add_segment(PT_LOAD, PF_R | PF_X, 0, text + sketch.text.size());
        put(0, header());
    }

    [[nodiscard]] Bytes bytes() const { return bytes_; }
    [[nodiscard]] std::string& spoiled() { return bytes_; }

    template <class T>
    void put(std::uint64_t offset, const T& value) {
        std::memcpy(bytes_.data() + offset, &value, sizeof(T));
    }

    [[nodiscard]] Elf64_Ehdr header() const {
        Elf64_Ehdr header{};
        std::memcpy(header.e_ident, ELFMAG, SELFMAG);
        header.e_ident[EI_CLASS] = ELFCLASS64;
        header.e_ident[EI_DATA] = ELFDATA2LSB;
        header.e_ident[EI_VERSION] = EV_CURRENT;
        header.e_type = ET_DYN;
        header.e_machine = own_machine();
        header.e_phoff = sizeof(Elf64_Ehdr);
        header.e_phentsize = sizeof(Elf64_Phdr);
        header.e_phnum = segments_;
        header.e_shentsize = sizeof(Elf64_Shdr);
        return header;
    }

    [[nodiscard]] std::uint64_t segment_place(std::size_t index) const {
        return sizeof(Elf64_Ehdr) + index * sizeof(Elf64_Phdr);
    }

private:
    std::uint64_t append(const std::string& more) {
        bytes_.resize((bytes_.size() + 15) / 16 * 16);
        bytes_ += more;
        return bytes_.size() - more.size();
    }

    void add_segment(std::uint32_t type, std::uint32_t flags, std::uint64_t offset,
                     std::uint64_t size) {
        Elf64_Phdr segment{};
        segment.p_type = type;
        segment.p_flags = flags;
        segment.p_offset = offset;
        segment.p_vaddr = base + offset;
        segment.p_filesz = segment.p_memsz = size;
        put(segment_place(segments_++), segment);
    }

    void add_dynamic(const ElfSketch& sketch) {
        std::string strings(1, '\0');
        std::vector<Elf64_Dyn> entries;
        const auto name = [&](const std::string& text) {
            strings += text + '\0';
            return strings.size() - text.size() - 1;
        };
        const auto entry = [&](std::int64_t tag, std::uint64_t value) {
            Elf64_Dyn dynamic{};
            dynamic.d_tag = tag;
            dynamic.d_un.d_val = value;
            entries.push_back(dynamic);
        };
        std::string symbols(sizeof(Elf64_Sym), '\0');
        const auto symbol = [&](const std::string& text, std::uint16_t section) {
            Elf64_Sym one{};
            one.st_name = static_cast<std::uint32_t>(name(text));
            one.st_shndx = section;
            symbols.append(reinterpret_cast<const char*>(&one), sizeof one);
        };
        for (const std::string& text : sketch.needed) entry(DT_NEEDED, name(text));
        if (!sketch.runpath.empty()) entry(DT_RUNPATH, name(sketch.runpath));
        for (const std::string& text : sketch.imports) symbol(text, SHN_UNDEF);
        for (const std::string& text : sketch.exports) symbol(text, 1);
        entry(DT_SYMTAB, base + append(symbols));
        entry(DT_STRTAB, base + append(strings));
        entry(DT_STRSZ, strings.size());
        entry(DT_NULL, 0);
        const std::string table{reinterpret_cast<const char*>(entries.data()),
                                entries.size() * sizeof(Elf64_Dyn)};
        add_segment(PT_DYNAMIC, PF_R | PF_W, append(table), table.size());
    }

    std::string bytes_;
    std::uint16_t segments_ = 0;
};

}  // namespace lastcall::command
