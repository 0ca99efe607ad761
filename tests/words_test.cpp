// Claims about recognising one of a few words from single bytes.

#include <lastcall/words.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>

namespace lastcall {
namespace {

constexpr std::array<Bytes, 3> known{"close", "keep-alive", "keep"};

constexpr WordMatch fed(Words words, Bytes text) {
    WordMatch match;
    for (const char c : text) match.feed(words, c);
    return match;
}

TEST_SUITE("known words") {
    TEST_CASE("a word is found when it has been fed whole and nothing else") {
        struct Row {
            Bytes text;
            int found;
            bool possible;
        };
        for (const Row& row : {
                 Row{"close", 0, true},
                 Row{"keep-alive", 1, true},
                 Row{"keep", 2, true},
                 Row{"", -1, true},
                 Row{"clos", -1, true},
                 Row{"keep-", -1, true},
                 Row{"closed", -1, false},
                 Row{"Close", -1, false},
                 Row{"keepalive", -1, false},
                 Row{"xclose", -1, false},
                 Row{" close", -1, false},
                 Row{"keep-alive2", -1, false},
                 Row{Bytes{"close\0", 6}, -1, false},
             }) {
            CAPTURE(row.text);
            CHECK(fed(known, row.text).found(known) == row.found);
            CHECK(fed(known, row.text).possible() == row.possible);
        }
    }

    TEST_CASE("the length counts the bytes while a word is possible") {
        CHECK(fed(known, "").length() == 0);
        CHECK(fed(known, "keep").length() == 4);
    }

    TEST_CASE("what has become impossible stays so, however much follows") {
        CHECK_FALSE(fed(known, "x" + std::string(600, 'c') + "close").possible());
        CHECK(fed(known, std::string(300, 'c') + "lose").found(known) == -1);
    }

    TEST_CASE("no words at all make everything impossible") {
        WordMatch match = fed(known, "clos");
        match.feed({}, 'e');
        CHECK_FALSE(match.possible());
        CHECK(match.found(known) == -1);
    }

    TEST_CASE("eight words can be told apart") {
        constexpr std::array<Bytes, 8> eight{"a", "b", "c", "d", "e", "f", "g", "h"};
        CHECK(fed(eight, "a").found(eight) == 0);
        CHECK(fed(eight, "h").found(eight) == 7);
        CHECK(fed(eight, "hh").found(eight) == -1);
    }
}

}  // namespace
}  // namespace lastcall
