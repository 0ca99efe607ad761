// Claims about responses that two parsers may read differently: the rows of hostile/responses.txt.
// Such a response passes as it is; the last one is edited in its head or not at all.

#include <lastcall/http1/responses.hpp>

#include "conversation.hpp"
#include "hostile.hpp"

namespace lastcall::hostile {
namespace {

const std::vector<Row>& table() {
    static const std::vector<Row> read = rows("responses.txt", 4);
    return read;
}

Kinds kinds_of(const Row& row) {
    Kinds kinds;
    for (const char letter : row.requests) {
        kinds.push_back(letter == 'H'   ? RequestKind::head
                        : letter == 'C' ? RequestKind::connect
                                        : RequestKind::ordinary);
    }
    return kinds;
}

// The header section with the close option, by the edit alone.
std::string edited(Bytes fields) {
    CloseOption edit;
    std::array<char, CloseOption::longest_output> out{};
    std::string result;
    for (const char c : fields) result += Bytes{out.data(), edit.feed(c, CloseOption::Output{out})};
    return result;
}

// What the client sees when the n-th response is the last and was followed to its end.
std::string with_last(const Row& row, std::uint32_t n, bool& persists) {
    std::size_t begin = 0, head_end = 0;
    for (std::size_t i = 0; i < row.events.size(); ++i) {
        if (row.events[i] == "interim") begin = row.places[i];
        if (row.events[i] == "head") head_end = row.places[i];
        if (row.events[i] != "message") continue;
        if (--n == 0) {
            const std::size_t start = row.text.find_first_not_of("\r\n", begin);
            const std::size_t fields = row.text.find('\n', start) + 1;
            const Bytes text = row.text;
            std::string wire{first(text, fields)};
            wire += edited(text.substr(fields, head_end - fields));
            wire += text.substr(head_end, persists ? row.places[i] - head_end : Bytes::npos);
            return wire;
        }
        begin = row.places[i];
    }
    return row.text;
}

bool says_close_itself(const Row& row) {
    return row.text.find("Connection: close\r\nContent") != std::string::npos ||
           row.text.find("keep-alive, close") != std::string::npos;
}

// Lines of shapes.md as they are: "followed" or "opaque", and the names of rows.
std::vector<std::vector<std::string>> shapes() {
    std::ifstream file(folder() + "shapes.md");
    std::vector<std::vector<std::string>> found;
    for (std::string line; std::getline(file, line);) {
        std::vector<std::string> columns = split(line, " | ");
        if (columns.size() == 4 && columns[1].find('-') == std::string::npos)
            found.push_back(columns);
    }
    found.erase(found.begin());  // the columns' names
    return found;
}

TEST_SUITE("a shape of response") {
    TEST_CASE("is followed, or refused, in each row that shapes.md names") {
        REQUIRE(shapes().size() > 20);
        for (const std::vector<std::string>& columns : shapes()) {
            for (std::string name : split(columns[3].substr(0, columns[3].size() - 2), "; ")) {
                INFO(columns[0], ": ", name);
                const auto row = std::find_if(table().begin(), table().end(),
                                              [&](const Row& one) { return one.name == name; });
                REQUIRE(row != table().end());
                CHECK(columns[1] == (row->reason() == Opaque::no ? "followed" : "opaque"));
            }
        }
    }
}

TEST_SUITE("a hostile response") {
    TEST_CASE("passes as it is before the last, and is refused for its reason") {
        each(table(), [](const Row& row, const Parts& parts) {
            Conversation conversation(kinds_of(row), none_is_last);
            for (const Bytes part : parts) CHECK(conversation.write(part));
            CHECK(conversation.wire == row.text);
            CHECK(conversation.reason == row.reason());
            CHECK(conversation.responses.answered() == row.count("message"));
            CHECK(conversation.responses.passing() == (row.reason() != Opaque::no));
        });
    }

    TEST_CASE("is followed alike when the guest only follows") {
        each(table(), [](const Row& row, const Parts& parts) {
            Exchanges exchanges;
            begin_exchanges(exchanges, kinds_of(row), none_is_last);
            Responses responses;
            Opaque reason = Opaque::no;
            for (const Bytes part : parts) {
                if (reason == Opaque::no) reason = follow(responses, part, exchanges);
            }
            CHECK(reason == row.reason());
            CHECK(responses.answered() == row.count("message"));
        });
    }

    TEST_CASE("that is the last and followed to its end differs in its head and in what follows") {
        each(table(), [](const Row& row, const Parts& parts) {
            const Kinds kinds = kinds_of(row);
            for (std::uint32_t n = 1; n <= row.count("message"); ++n) {
                if (n > kinds.size() || kinds[n - 1] == RequestKind::connect) continue;
                const Kinds until(kinds.begin(), kinds.begin() + n);
                Conversation conversation(until, n);
                for (const Bytes part : parts) CHECK(conversation.write(part));
                bool persists = conversation.responses.over();
                CHECK((persists || says_close_itself(row)));
                CHECK(conversation.responses.said_close());
                CHECK(conversation.wire == with_last(row, n, persists));
            }
        });
    }

    TEST_CASE("that is the last and refused in its head, or no response, passes as it is") {
        each(table(), [](const Row& row, const Parts& parts) {
            const auto n = row.count("message") + 1;
            if (row.count("head") >= n || row.reason() == Opaque::no || row.requests.empty())
                return;
            if (n > row.requests.size()) return;
            Conversation conversation(kinds_of(row), n);
            for (const Bytes part : parts) CHECK(conversation.write(part));
            CHECK(conversation.wire == row.text);
            CHECK(conversation.reason == row.reason());
            CHECK_FALSE(conversation.responses.said_close());
        });
    }
}

}  // namespace
}  // namespace lastcall::hostile
