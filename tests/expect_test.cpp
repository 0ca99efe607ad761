// Claims about finding an Expect field, wherever the section is cut.

#include <lastcall/http1/expect.hpp>

#include "wire.hpp"

namespace lastcall {
namespace {

void all(bool found, const std::vector<std::string>& sections) {
    for (const std::string& section : sections) {
        at_every_split(section, [&](const Parts& parts) {
            ExpectField expect;
            for (const Bytes part : parts) expect.follow(part);
            CHECK(expect.found() == found);
        });
    }
}

TEST_SUITE("Expect (RFC 9110 10.1.1)") {
    TEST_CASE("is found on any line, in any letter case, whatever it says") {
        all(true, {"Expect: 100-continue||"_wire, "Host: x|expect:100-continue|A: b||"_wire,
                   "A: b|EXPECT:||"_wire, "E: x|Ex: y|Expec: z|Expect: a|Expect: b||"_wire});
    }

    TEST_CASE("may be there in a section that is not looked at") {
        ExpectField expect;
        expect.miss();
        expect.follow("Host: x\r\n\r\n");
        CHECK(expect.found());
    }

    TEST_CASE("is no name that begins or ends alike, and no value") {
        all(false, {"|"_wire, "Host: x||"_wire, "Expect-CT: x||"_wire, "Expec: x||"_wire,
                    "X-Expect: 100-continue||"_wire, "A: Expect: 100-continue||"_wire,
                    "A: Expect:|B: x||"_wire, "ExpectExpect: x||"_wire, "EExpect: x||"_wire});
    }
}

}  // namespace
}  // namespace lastcall
