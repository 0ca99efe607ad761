// Sixteen bytes at once must say what a loop over the bytes says, wherever the bytes lie.

#include <lastcall/http1/block.hpp>

#include "wire.hpp"

namespace lastcall {
namespace {

template <typename Is>
std::size_t loop_end(Bytes in, std::size_t at, Is is) {
    while (at < in.size() && is(in[at])) ++at;
    return at;
}

bool is_text(char c) { return c >= ' ' && c <= '~'; }
bool is_graphic(char c) { return c > ' ' && c <= '~'; }
bool is_letter(char c) { return (lower(c) >= 'a' && lower(c) <= 'z') || c == '-'; }

TEST_SUITE("a block") {
    TEST_CASE("says of every byte in every place whether it is of a kind") {
        for (int value = 0; value < 256; ++value) {
            for (std::size_t place = 0; place < block_size; ++place) {
                const auto c = static_cast<char>(value);
                std::string bytes(block_size, 'a');
                bytes[place] = c;
                const Block block = block_at(bytes.data());
                const Marks others = 0xffffU & ~(1U << place);
                CHECK(Text::in(block) == (others | Marks{is_text(c)} << place));
                CHECK(Graphic::in(block) == (others | Marks{is_graphic(c)} << place));
                CHECK(Letters::in(block) == (others | Marks{is_letter(c)} << place));
            }
        }
    }

    TEST_CASE("has the same marks by one instruction and by arithmetic") {
        for (Marks wanted = 0; wanted < 0x10000; ++wanted) {
            Block result{};
            for (std::size_t i = 0; i < block_size; ++i) {
                result[i] = (wanted >> i & 1) != 0 ? -1 : 0;
            }
            CHECK(plain_marks(result) == wanted);
            CHECK(marks(result) == wanted);
        }
    }
}

TEST_SUITE("a run") {
    TEST_CASE("ends where a loop says, before the end of the memory") {
        for (std::size_t size = block_size; size < 70; ++size) {
            for (std::size_t stop = 0; stop <= size; ++stop) {
                std::string text(size, 'x');
                if (stop < size) text[stop] = '\r';
                against_guard_page(text, [&](Bytes bytes) {
                    for (std::size_t at = 0; at <= size; ++at) {
                        CHECK(run_end<Text>(bytes, at) == loop_end(bytes, at, is_text));
                    }
                });
            }
        }
    }

    TEST_CASE("of a last, shorter block ends with the bytes") {
        for (std::size_t size = block_size; size < 40; ++size) {
            const std::string text(size, 'x');
            against_guard_page(text, [&](Bytes bytes) {
                for (std::size_t at = 0; at < size; ++at) {
                    CHECK(BlockAt(bytes, at).run<Text>() == std::min(size - at, block_size));
                }
            });
        }
    }
}

TEST_SUITE("a word") {
    TEST_CASE("is the same in any case, and only whole") {
        CHECK(same_word("close", "close"));
        CHECK(same_word("CLOSE", "close"));
        CHECK(same_word("Keep-Alive", "keep-alive"));
        CHECK(same_word("Content-Length", "content-length"));
        CHECK(same_word("TRANSFER-Encoding", "transfer-encoding"));
        CHECK_FALSE(same_word("closed", "close"));
        CHECK_FALSE(same_word("clos", "close"));
        CHECK_FALSE(same_word("", "close"));
    }

    TEST_CASE("differs if any byte does") {
        const std::string text = "transfer-encoding";
        for (std::size_t place = 0; place < text.size(); ++place) {
            for (int c = ' '; c < 256; ++c) {
                std::string other = text;
                other[place] = static_cast<char>(c);
                const bool same = lower(other[place]) == text[place];
                CHECK(same_word(other, "transfer-encoding") == same);
            }
        }
    }
}

}  // namespace
}  // namespace lastcall
