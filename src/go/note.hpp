// The note by which a Go program says that it is one. ("Go build ID", cmd/internal/buildid)
#pragma once

#include <lastcall/bytes.hpp>

#include <elf.h>
#include <cstring>

namespace lastcall::go {

// notes: a segment of them, one behind the other, each at a multiple of its alignment. (elf(5))
[[nodiscard]] inline bool has_go_note(Bytes notes, std::size_t alignment) {
    constexpr Bytes name{"Go\0\0", 4};
    constexpr Elf64_Word build_id = 4;
    const auto aligned = [&](std::size_t size) {
        return alignment == 8 ? (size + 7) & ~std::size_t{7} : (size + 3) & ~std::size_t{3};
    };
    while (notes.size() >= sizeof(Elf64_Nhdr)) {
        Elf64_Nhdr note;
        std::memcpy(&note, notes.data(), sizeof note);
        const Bytes named = first(from(notes, sizeof note), note.n_namesz);
        if (note.n_type == build_id && named == name) return true;
        notes = from(notes, aligned(sizeof note + note.n_namesz) + aligned(note.n_descsz));
    }
    return false;
}

}  // namespace lastcall::go
