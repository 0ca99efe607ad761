// Sixteen bytes at once: how many of them are of a kind, from the first on. What a head is mostly
// made of is passed over this way; whatever ends such a run is then looked at for itself.
// Compiler vectors, so any processor will do. Never reads a byte outside the view.
#pragma once

#include <lastcall/bytes.hpp>

#include <type_traits>

namespace lastcall {

inline constexpr std::size_t block_size = 16;
using Block = signed char __attribute__((vector_size(block_size)));
using UnsignedBlock = unsigned char __attribute__((vector_size(block_size)));

// Bit i stands for the block's byte i; the bits above are 0.
using Marks = std::uint32_t;

// Of a comparison's result, whose every byte is all ones or zero. (Little-endian, as all we build
// for: the first byte is the lowest.)
inline Marks plain_marks(Block result) {
    std::uint64_t halves[2];
    __builtin_memcpy(halves, &result, sizeof halves);
    const auto gathered = [](std::uint64_t bytes) {
        return static_cast<Marks>((bytes & 0x8040201008040201) * 0x0101010101010101 >> 56);
    };
    return gathered(halves[0]) | gathered(halves[1]) << 8;
}

inline Marks marks(Block result) {
#if defined(__SSE2__)
    using Chars = char __attribute__((vector_size(block_size)));
    return static_cast<Marks>(__builtin_ia32_pmovmskb128(reinterpret_cast<Chars>(result)));
#else
    return plain_marks(result);
#endif
}

inline Block block_at(const char* bytes) {
    Block block;
    __builtin_memcpy(&block, bytes, sizeof block);
    return block;
}

// ---- Kinds ----

// US-ASCII from `lowest` to "~". One comparison: one more than DEL, or than any obs-text, is not
// positive.
template <char lowest>
struct Visible {
    static Marks in(Block block) {
        const auto next = reinterpret_cast<Block>(reinterpret_cast<UnsignedBlock>(block) + 1);
        return marks(next > static_cast<signed char>(lowest));
    }
};
using Text = Visible<' '>;     // of values: no control character, HTAB neither
using Graphic = Visible<'!'>;  // of words: nor SP

// Letters and "-", of which names mostly consist.
struct Letters {
    static Marks in(Block block) {
        // Moved to the top of the signed numbers; what lies above "z" becomes negative.
        const auto moved = (reinterpret_cast<UnsignedBlock>(block) | 0x20) + (127 - 'z');
        return marks((reinterpret_cast<Block>(moved) > 127 - 26) | (block == '-'));
    }
};

// ---- Runs ----

// The block at `at`, in bytes that hold one at least. Less than a block before their end it is what
// is left, and no kind's run goes further.
class BlockAt {
public:
    BlockAt(Bytes in, std::size_t at) {
        const std::size_t left = in.size() - at;
        late_ = left < block_size ? static_cast<unsigned>(block_size - left) : 0;
        block_ = block_at(in.data() + at - late_);
    }
    template <typename Kind>
    [[nodiscard]] std::size_t run() const {
        return static_cast<unsigned>(__builtin_ctz(~(Kind::in(block_) >> late_)));
    }

private:
    Block block_;
    unsigned late_;
};

// Where the run of a kind that begins at `at` ends; at the size, if nothing else ends it.
template <typename Kind>
std::size_t run_end(Bytes in, std::size_t at) {
    while (in.size() - at >= block_size) {
        const Marks found = Kind::in(block_at(in.data() + at));
        if (found != 0xffff) return at + static_cast<unsigned>(__builtin_ctz(~found));
        at += block_size;
    }
    return at < in.size() ? at + BlockAt(in, at).run<Kind>() : at;
}

template <typename Number>
Number number_at(const char* bytes) {
    Number number;
    __builtin_memcpy(&number, bytes, sizeof number);
    return number;
}

inline bool is_line_end(Bytes in, std::size_t at) {  // CRLF
    return in.size() >= at + 2 && number_at<std::uint16_t>(in.data() + at) == 0x0a0d;
}

// Bytes that are not Text, of a stretch of 64: bit i stands for byte i.
inline constexpr std::size_t stretch_size = 4 * block_size;
using StretchMarks = std::uint64_t;

[[nodiscard, gnu::always_inline]] inline std::uint32_t marks_of_two(const char* at) {
    return ~(Text::in(block_at(at)) | Text::in(block_at(at + block_size)) << block_size);
}

[[nodiscard, gnu::always_inline]] inline StretchMarks marks_of_four(const char* at) {
    constexpr std::size_t half = stretch_size / 2;
    return marks_of_two(at) | StretchMarks{marks_of_two(at + half)} << half;
}

// The stretch that begins at `at`, before the end of `in`. Where less than 64 bytes are left, marks
// are of these; where less than a stretch came before them, they are all there is.
[[nodiscard]] inline StretchMarks stretch_marks(Bytes in, std::size_t at) {
    const char* const bytes = in.data();
    const std::size_t size = in.size();
    if (size - at >= stretch_size) return marks_of_four(bytes + at);
    if (size >= stretch_size) {  // blocks overlap those that have been looked at
        const std::size_t last = size - stretch_size;
        return marks_of_four(bytes + last) >> (at - last);
    }
    if (size >= stretch_size / 2) {
        const std::size_t last = size - stretch_size / 2;
        return marks_of_two(bytes) | StretchMarks{marks_of_two(bytes + last)} << last;
    }
    const std::size_t last = size - block_size;
    const auto others = [](const char* from) { return Text::in(block_at(from)) ^ 0xffff; };
    return others(bytes) | others(bytes + last) << last;
}

// ---- Texts of a known size, compared a word at a time ----

// Are these the bytes of the text? At least as many are there.
template <std::size_t size>
bool same_bytes(const char* bytes, const char (&text)[size]) {
    return __builtin_memcmp(bytes, text, size - 1) == 0;
}

// Is this, in any case, the text of lower case letters and "-"? The word has no control character,
// of which CR would pass for "-".
template <std::size_t size>
bool same_word(Bytes word, const char (&text)[size]) {
    constexpr std::size_t length = size - 1;
    using Number = std::conditional_t<(length < 8), std::uint32_t, std::uint64_t>;
    constexpr std::size_t last = length - sizeof(Number);  // the two may overlap
    constexpr auto lower = static_cast<Number>(0x2020202020202020);
    if (word.size() != length) return false;
    const auto same = [&](std::size_t at) {
        return (number_at<Number>(word.data() + at) | lower) == number_at<Number>(text + at);
    };
    if constexpr (length > 2 * sizeof(Number)) {
        if (!same(sizeof(Number))) return false;
    }
    return same(0) && same(last);
}

}  // namespace lastcall
