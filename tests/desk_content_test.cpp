// Claims about the content behind a last head, which a batch takes along without looking.

#include "wire.hpp"
#include "writer.hpp"

namespace lastcall {
namespace {

constexpr auto ordinary = RequestKind::ordinary;
constexpr auto everything = [](std::size_t batch) { return batch; };

TEST_SUITE("batches behind a last head") {
    TEST_CASE("hold all that is behind the last head, unseen, up to a length that it tells") {
        const std::string counted = "HTTP/1.1 200 OK|Content-Length: 5||"_wire;
        const std::string chunked = "HTTP/1.1 200 OK|Transfer-Encoding: chunked||"_wire;
        const std::string bodyless = "HTTP/1.1 204 No Content||"_wire;
        const std::string content(100, '\xff');
        const std::string added = "Connection: close|"_wire;
        for (const auto& [header, sent] : {std::pair{counted, std::size_t{5}},
                                           {chunked, std::size_t{100}},
                                           {bodyless, std::size_t{0}}}) {
            Writer writer({ordinary}, 1);
            const Gathered gathered({header, content});
            const std::size_t planned = writer.desk->plan(writer.responses, writer.exchanges,
                                                          gathered.buffers(), 0, header.size());
            CHECK(planned == header.size() + content.size());
            CHECK(writer.desk->size() == header.size() + added.size() + sent);
        }
    }

    TEST_CASE("know their response's end where its content need not be seen") {
        struct Row {
            std::string text;
            bool ends;
        };
        for (const auto& [text, ends] : {
                 Row{"HTTP/1.1 200 OK|Content-Length: 2||ok"_wire, true},
                 Row{"HTTP/1.1 200 OK|Content-Length: 2||o"_wire, false},
                 Row{"HTTP/1.1 204 No Content||"_wire, true},
                 Row{"HTTP/1.1 200 OK|Content-Length: 2"_wire, false},
                 Row{"HTTP/1.1 200 OK|Connection: close|Content-Length: 2||ok"_wire, false},
                 Row{"HTTP/1.1 200 OK|Transfer-Encoding: chunked||0||"_wire, false},
                 Row{"HTTP/1.1 200 OK||to the end"_wire, false},
             }) {
            CAPTURE(text);
            Writer writer({ordinary}, 1);
            const Gathered gathered({text});
            static_cast<void>(
                writer.desk->plan(writer.responses, writer.exchanges, gathered.buffers(), 0));
            CHECK(writer.desk->ends(writer.exchanges) == ends);
        }
    }

    TEST_CASE("hold as many buffers as the kernel takes") {
        const std::string header = "HTTP/1.1 200 OK|Content-Length: 2000||"_wire;
        std::vector<Bytes> layout{header};
        const std::string body(2000, 'b');
        for (std::size_t i = 0; i < body.size(); ++i) layout.push_back(Bytes(body).substr(i, 1));
        Writer writer({ordinary}, 1);
        const Gathered gathered(layout);
        writer.write(gathered.buffers(), everything);
        CHECK(writer.wire == written_at_once({ordinary}, 1, {header + body}));
        CHECK(writer.responses.over());
    }
}

}  // namespace
}  // namespace lastcall
