// Claims about the edit of one header section: what goes, what is added, and that all else stays,
// byte for byte.

#include "edit.hpp"

namespace lastcall {
namespace {

struct Row {
    std::string before;
    std::string after;
};

void check(const Row& row) {
    CAPTURE(row.before);
    against_guard_page(row.before, [&](Bytes text) {
        Edit edit;
        for (std::size_t i = 0; i < text.size(); ++i) {
            CHECK_FALSE(edit.option.done());
            if (!edit.option.begun()) CHECK(edit.released() == first(text, i));
            edit.feed({&text[i], 1});
        }
        CHECK(edit.option.done());
        CHECK(edit.option.begun() == (row.before != row.after));
        CHECK(edit.sent == row.after);
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            Edit by_lines;
            by_lines.take(first(text, cut));
            by_lines.take(from(text, cut));
            CHECK(by_lines.sent == row.after);
            CHECK(by_lines.option.begun() == edit.option.begun());
        }
        edit.feed("behind\r\nKeep-Alive: x\r\n\r\n");
        CHECK(edit.sent == row.after + "behind\r\nKeep-Alive: x\r\n\r\n");
    });
}

void check_all(const std::vector<Row>& rows) {
    for (const Row& row : rows) check(row);
}

void unchanged(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) check({text, text});
}

// The only change is the field that is added before the empty line.
void only_added(const std::vector<std::string>& fields) {
    for (const std::string& field : fields) {
        check({field + "\r\n\r\n", field + "\r\nConnection: close\r\n\r\n"});
    }
}

TEST_SUITE("close connection option (RFC 9112 9.6)") {
    TEST_CASE("is added when there is no Connection field") {
        check_all({{"|"_wire, "Connection: close||"_wire},
                   {"A: b||"_wire, "A: b|Connection: close||"_wire},
                   {"A: b|C: d||"_wire, "A: b|C: d|Connection: close||"_wire}});
    }

    TEST_CASE("replaces keep-alive, in any letter case") {
        check_all({{"Connection: keep-alive||"_wire, "Connection: close||"_wire},
                   {"connection: Keep-Alive|A: b||"_wire, "A: b|Connection: close||"_wire},
                   {"A: b|CONNECTION:KEEP-ALIVE|C: d||"_wire, "A: b|C: d|Connection: close||"_wire},
                   {"Connection: keep-alive, keep-alive||"_wire, "Connection: close||"_wire}});
    }

    TEST_CASE("leaves other options as they are") {
        check_all(
            {{"Connection: upgrade||"_wire, "Connection: upgrade|Connection: close||"_wire},
             {"Connection: a, keep-alive||"_wire, "Connection: a|Connection: close||"_wire},
             {"Connection: keep-alive, a||"_wire, "Connection: a|Connection: close||"_wire},
             {"Connection:keep-alive,a||"_wire, "Connection:a|Connection: close||"_wire},
             {"Connection: a, keep-alive, b||"_wire, "Connection: a, b|Connection: close||"_wire},
             {"Connection: a,keep-alive,b,keep-alive,c||"_wire,
              "Connection: a,b,c|Connection: close||"_wire},
             {"coNNection: Upgrade, HTTP2-Settings||"_wire,
              "coNNection: Upgrade, HTTP2-Settings|Connection: close||"_wire}});
    }

    TEST_CASE("is not added to one that is there, in any letter case") {
        unchanged({"Connection: close||"_wire, "connection:Close||"_wire,
                   "A: b|Connection: CLOSE|C: d||"_wire, "Connection: a, close, b||"_wire,
                   "Connection: a|Connection: close||"_wire, "Connection: close,a||"_wire});
    }

    TEST_CASE("is there once, however often the server said it") {
        check_all(
            {{"Connection: close, close||"_wire, "Connection: close||"_wire},
             {"Connection: close|A: b|connection: Close||"_wire, "Connection: close|A: b||"_wire},
             {"Connection: close|Connection: a, close, b||"_wire,
              "Connection: close|Connection: a, b||"_wire}});
    }

    TEST_CASE("takes the place of keep-alive beside it") {
        check_all(
            {{"Connection: keep-alive, close||"_wire, "Connection: close||"_wire},
             {"Connection: close, keep-alive||"_wire, "Connection: close||"_wire},
             {"Connection: keep-alive|Connection: close||"_wire, "Connection: close||"_wire}});
    }

    TEST_CASE("joins Connection fields spread over several field lines") {
        check_all({{"Connection: keep-alive|A: b|Connection: x, keep-alive||"_wire,
                    "A: b|Connection: x|Connection: close||"_wire},
                   {"Connection: a|Connection: b|Connection: keep-alive||"_wire,
                    "Connection: a|Connection: b|Connection: close||"_wire}});
    }
}

TEST_SUITE("Keep-Alive field") {
    TEST_CASE("goes, wherever it stands and in any letter case") {
        check_all(
            {{"Keep-Alive: timeout=5, max=100||"_wire, "Connection: close||"_wire},
             {"A: b|keep-alive:x|C: d||"_wire, "A: b|C: d|Connection: close||"_wire},
             {"KEEP-ALIVE:|A: b||"_wire, "A: b|Connection: close||"_wire},
             {"Keep-Alive: 1|keep-Alive: 2|A: b||"_wire, "A: b|Connection: close||"_wire},
             {"A: b|Keep-Alive: 5||"_wire, "A: b|Connection: close||"_wire},
             {"Connection: keep-alive|Keep-Alive: 5|A: b||"_wire, "A: b|Connection: close||"_wire},
             {"Keep-Alive: 5|Connection: close||"_wire, "Connection: close||"_wire}});
    }

    TEST_CASE("goes at any length") {
        check({"Keep-Alive: " + std::string(3000, 'x') + "||"_wire, "Connection: close||"_wire});
    }
}

TEST_SUITE("other fields") {
    TEST_CASE("whose names begin alike stay") {
        only_added({"Connection-Foo: keep-alive", "Keep-Alive-X: 5", "Connectio: keep-alive",
                    "Keep-Aliv: 5", "Connections: keep-alive", "C: keep-alive", "K: 5",
                    "Content-Length: 5", "Keep-Alive2: 5", "Connection2: keep-alive"});
    }

    TEST_CASE("whose names end alike or whose values look alike stay") {
        only_added({"Proxy-Connection: keep-alive", "X-Keep-Alive: 5", "Vary: Connection",
                    "A: Connection: keep-alive", "A: keep-alive", "Trailer: Keep-Alive"});
    }

    TEST_CASE("stay byte for byte and in order") {
        only_added({"Server: x|Date: y|Server: x"_wire, "A:|B: |C:\t|D: \t d \t "_wire,
                    "A: caf\xc3\xa9 \xff", "a: 1|A: 2|a: 1"_wire, "X: " + std::string(9000, 'x'),
                    std::string(9000, 'n') + ": x",
                    "Set-Cookie: a=b; Expires=Thu, 01 Jan 2026 00:00:00 GMT"});
    }
}

TEST_SUITE("other connection options") {
    TEST_CASE("that begin or end alike stay") {
        only_added({"Connection: closed", "Connection: keep-alive2", "Connection: keep",
                    "Connection: close;x", "Connection: clos", "Connection: c", "Connection: k",
                    "Connection: x-close", "Connection: keep-alive;x", "Connection: xkeep-alive",
                    "Connection: keep,alive", "Connection: \"close\"",
                    "Connection: close2, keep-"});
    }

    TEST_CASE("with white space inside stay") {
        only_added({"Connection: close x", "Connection: x close", "Connection: x  keep-alive"});
    }

    TEST_CASE("with much white space around lose some of it, and no option") {
        check_all(
            {{"Connection: \t a, \t b||"_wire, "Connection: a, b|Connection: close||"_wire},
             {"Connection:\tkeep-alive\t,\ta||"_wire, "Connection: a|Connection: close||"_wire},
             {"Connection: keep-alive ||"_wire, "Connection: close||"_wire},
             {"Connection: close , a||"_wire, "Connection: close, a||"_wire},
             {"Connection: \t ||"_wire, "Connection: close||"_wire}});
    }

    TEST_CASE("may be empty, and then go") {
        check_all({{"Connection:||"_wire, "Connection: close||"_wire},
                   {"Connection: ||"_wire, "Connection: close||"_wire},
                   {"Connection: ,||"_wire, "Connection: close||"_wire},
                   {"Connection: , ,a,,b,||"_wire, "Connection: a,b|Connection: close||"_wire},
                   {"Connection: close,||"_wire, "Connection: close||"_wire},
                   {"Connection: ,keep-alive,||"_wire, "Connection: close||"_wire}});
    }
}

TEST_SUITE("section of an old program") {
    TEST_CASE("with lines that LF alone ends is edited like any") {
        check_all(
            {{"A: b\n\n"_wire, "A: b\nConnection: close\r\n\n"_wire},
             {"Connection: keep-alive\nKeep-Alive: 5\nA: b\n\n", "A: b\nConnection: close\r\n\n"},
             {"Connection: Keep-Alive, a\n\n", "Connection: a\nConnection: close\r\n\n"},
             {"Connection: a, keep-alive\n\n", "Connection: a\nConnection: close\r\n\n"},
             {"Connection: keep-alive, close \n|"_wire, "Connection: close\n|"_wire},
             {"Keep-Alive:\nConnection:\n|"_wire, "Connection: close||"_wire},
             {"A: b|Connection: close, close\nC: d|\n"_wire,
              "A: b|Connection: close\nC: d|\n"_wire}});
        unchanged({"Connection: close\n\n", "A: b\nConnection: a, close\nC: d\n\n"});
    }

    TEST_CASE("with folded lines loses those of a field that goes, and no other") {
        check_all(
            {{"Keep-Alive: timeout=5,\n\tmax=9\n more\nA: b\n\n", "A: b\nConnection: close\r\n\n"},
             {"A: b| c|Keep-Alive:| 5|D: e||"_wire, "A: b| c|D: e|Connection: close||"_wire}});
    }

    TEST_CASE("with odd names keeps them") {
        only_added({"Keep-Alive : 5", "Server : x", "X(\x01): \x02", "keep-alive\x7f: 5"});
    }
}

TEST_SUITE("malformed section in which the edit has begun") {
    // Only where the section ends is understood, so that it can be finished.
    TEST_CASE("is finished at its empty line, with or without CR") {
        check_all({{"Keep-Alive: 5|A: b\n\n"_wire, "A: b\nConnection: close\r\n\n"_wire},
                   {"Keep-Alive: 5\nA : b||"_wire, "A : b|Connection: close||"_wire},
                   {"Keep-Alive: 5|A\n:b|\n"_wire, "A\n:b|Connection: close\r\n\n"_wire}});
    }

    TEST_CASE(
        "loses what is folded onto a field that went, and keeps what is onto one that stays") {
        check_all({{"Keep-Alive: 5| more|A: b||"_wire, "A: b|Connection: close||"_wire},
                   {"Connection: keep-alive|\tx||"_wire, "Connection: close||"_wire},
                   {"Keep-Alive: 5|A: b| c||"_wire, "A: b| c|Connection: close||"_wire}});
    }

    TEST_CASE("keeps a CR that ends no line") {
        check_all(
            {{"Keep-Alive: 5|Connection: a\rb||"_wire, "Connection: a\rb|Connection: close||"_wire},
             {"Keep-Alive: 5|\rA: b||"_wire, "\rA: b|Connection: close||"_wire}});
    }
}

}  // namespace
}  // namespace lastcall
