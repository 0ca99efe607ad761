// Claims about the PROXY protocol header, fed from where a request follower hands over; the marks
// "^" are where it ends, or the byte that it refuses.

#include <lastcall/proxy_header.hpp>

#include "followed.hpp"

namespace lastcall {
namespace {

using Seen = ProxyHeader::Seen;

struct Row {
    Seen seen;
    std::string text;
};

void check_all(Outcome outcome, Opaque reason, const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        const Marked input = marked(row.text);
        REQUIRE(input.marks.size() == 1);
        at_every_split(input.text, [&](const Parts& parts) {
            ProxyHeader header;
            header.begin(row.seen);
            const Progress end = followed(parts, [&](Bytes in) { return header.follow(in); });
            CHECK(end.outcome == outcome);
            CHECK(end.taken == input.marks[0]);
            CHECK(end.reason == reason);
        });
    }
}

void complete_at_mark(const std::vector<Row>& rows) {
    check_all(Outcome::complete, Opaque::no, rows);
}

void malformed_at_mark(const std::vector<Row>& rows) {
    check_all(Outcome::malformed, Opaque::not_http, rows);
}

std::string binary(char version, char family, std::size_t size) {
    const std::string length{static_cast<char>(static_cast<unsigned char>(size >> 8)),
                             static_cast<char>(static_cast<unsigned char>(size & 0xff))};
    return std::string{"\0\r\nQUIT\n", 8} + version + family + length;
}

TEST_SUITE("PROXY protocol header, version 1 (section 2.1)") {
    TEST_CASE("is a line with two addresses and two ports") {
        complete_at_mark({{Seen::text, "TCP4 192.0.2.1 192.0.2.2 56324 443|^GET"_wire},
                          {Seen::text, "TCP6 2001:db8::1 2001:db8::2 56324 443|^"_wire}});
    }

    TEST_CASE("may say UNKNOWN, with or without more") {
        complete_at_mark({{Seen::text, "UNKNOWN|^GET"_wire},
                          {Seen::text, "UNKNOWN ffff:f...f:ffff 65535|^"_wire}});
    }

    TEST_CASE("has at most 107 bytes, CRLF included") {
        const std::string longest = "UNKNOWN " + std::string(107 - 6 - 8 - 2, 'f');
        complete_at_mark({{Seen::text, longest + "|^GET"_wire}});
        malformed_at_mark({{Seen::text, longest + "f\r^\n"},
                           {Seen::text, longest + "ff^\r\n"},
                           {Seen::text, longest + "ff^" + std::string(50, 'f')}});
    }

    TEST_CASE("names a protocol of three") {
        malformed_at_mark({{Seen::text, "TCP^ 1|"_wire},
                           {Seen::text, "TCP^5 1|"_wire},
                           {Seen::text, "TCP4^6 1|"_wire},
                           {Seen::text, "UNKNOW^|"_wire},
                           {Seen::text, "U^DP4 1|"_wire},
                           {Seen::text, "T^cp4 1|"_wire}});
    }

    TEST_CASE("ends with CRLF and has no control characters") {
        malformed_at_mark({{Seen::text, "UNKNOWN^\n"_wire},
                           {Seen::text, "TCP4 1^\n"_wire},
                           {Seen::text, "TCP4 1\r^x"_wire},
                           {Seen::text, "TCP4 1\r^\r\n"_wire},
                           {Seen::text, "TCP4 1^\t2|"_wire},
                           {Seen::text, "TCP4 1^\0|"_wire},
                           {Seen::text, "TCP4 1^\x80|"_wire}});
    }
}

TEST_SUITE("PROXY protocol header, version 2 (section 2.2)") {
    TEST_CASE("is a signature, four bytes, and as many as the last two say") {
        complete_at_mark({{Seen::binary, binary('\x21', '\x11', 12) + "123456789012^GET"},
                          {Seen::binary, binary('\x21', '\x21', 36) + std::string(36, '\n') + "^"},
                          {Seen::binary, binary('\x21', '\x11', 1) + "\r^\n"}});
    }

    TEST_CASE("may be LOCAL and without addresses") {
        complete_at_mark({{Seen::binary, binary('\x20', '\0', 0) + "^GET"},
                          {Seen::binary, binary('\x20', '\0', 0) + "^\x16"}});
    }

    TEST_CASE("may carry as much as 65535 bytes") {
        for (const std::size_t size : {std::size_t{255}, std::size_t{256}, std::size_t{65535}}) {
            const std::string text = binary('\x21', '\x11', size) + std::string(size, '\r');
            ProxyHeader whole;
            whole.begin(Seen::binary);
            CHECK(whole.follow(text + "GET").taken == text.size());
            ProxyHeader slow;
            slow.begin(Seen::binary);
            const Progress end =
                followed(byte_by_byte(text), [&](Bytes in) { return slow.follow(in); });
            CHECK(end.outcome == Outcome::complete);
            CHECK(end.taken == text.size());
        }
    }

    TEST_CASE("differs from its signature in no byte") {
        const std::string good = binary('\x21', '\x11', 0);
        for (std::size_t i = 0; i < 8; ++i) {
            std::string bad = good;
            bad[i] = static_cast<char>(bad[i] ^ 0x20);
            bad.insert(i, "^");
            malformed_at_mark({{Seen::binary, bad}});
        }
    }

    TEST_CASE("is of version 2") {
        malformed_at_mark({{Seen::binary, "\0\r\nQUIT\n^\x11\x11\0\0"_wire},
                           {Seen::binary, "\0\r\nQUIT\n^\x31\x11\0\0"_wire},
                           {Seen::binary, "\0\r\nQUIT\n^\xa1\x11\0\0"_wire}});
    }
}

}  // namespace
}  // namespace lastcall
