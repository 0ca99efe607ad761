// The conversations that the call fuzzer plays: requests and responses out of a table, with all
// that its model wants to know about them written beside. Knows no call.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lastcall::fake {

struct Request {
    std::string text;
    bool head_only = false;  // HEAD
    bool persists = true;
    bool understood = true;
};

struct Response {
    std::string before;  // interim responses
    std::string head;    // of the final one,
    std::string edited;  // as the last one's must be
    std::string body;
    bool persists = true;    // and its end is known
    bool understood = true;  // may be followed to its end

    [[nodiscard]] std::string text() const { return before + head + body; }
};

inline Request request(unsigned shape) {
    const std::string host = " HTTP/1.1\r\nHost: f\r\n";
    switch (shape % 8) {
        case 0: return {"GET /zero" + host + "\r\n"};
        case 1: return {"POST /one" + host + "Content-Length: 5\r\n\r\nhello"};
        case 2:
            return {"POST /two" + host +
                    "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nTrailer: t\r\n\r\n"};
        case 3: return {"HEAD /three" + host + "\r\n", true};
        case 4: return {"GET /four" + host + "Connection: close\r\n\r\n", false, false};
        case 5: return {"\r\nPUT /five" + host + "Content-Length: 0\r\n\r\n"};
        case 6: return {"\x16\x03\x01\x02 not ours\r\n\r\n", false, true, false};
        default: return {"GET /seven" + host + "Accept: " + std::string(90, 'a') + "\r\n\r\n"};
    }
}

inline Response response(unsigned shape, bool to_head) {
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    const std::string close = "Connection: close\r\n\r\n";
    const auto sized = [&](const std::string& fields, std::string body, std::string hop = "") {
        const std::string length =
            "Content-Length: " + std::to_string(body.size()) + "\r\n" + fields;
        if (to_head) body.clear();
        return Response{"", ok + hop + length + "\r\n", ok + length + close, body};
    };
    Response made;
    switch (shape % 10) {
        case 0: return sized("", "ok");
        case 1:
            return sized("Keep-Aliver: no\r\n", "plain",
                         "Connection: keep-alive\r\nKeep-Alive: t\r\n");
        case 2:
            made = {"", ok + "Transfer-Encoding: chunked\r\n\r\n",
                    ok + "Transfer-Encoding: chunked\r\n" + close,
                    to_head ? "" : "4\r\nbody\r\n0\r\n\r\n"};
            return made;
        case 3:
            return {"", "HTTP/1.1 204 N\r\nA: b\r\n\r\n", "HTTP/1.1 204 N\r\nA: b\r\n" + close, ""};
        case 4: return {"", "HTTP/1.1 304 N\r\n\r\n", "HTTP/1.1 304 N\r\n" + close, ""};
        case 5:
            made = sized("", "after");
            made.before = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 E\r\nLink: x\r\n\r\n";
            return made;
        case 6:  // said by the server, who will close
            made = sized("Connection: close\r\n", "bye");
            made.edited = made.head;
            made.persists = false;
            return made;
        case 7:  // until close, but for HEAD
            return {"", ok + "\r\n", ok + close, to_head ? "" : "till the end", to_head};
        case 8:
            made = {"", ok + "Broken \x01 line\r\n\r\n", "", "rest"};
            made.understood = false;
            return made;
        default: return sized("X: " + std::string(200, 'x') + "\r\n", std::string(300, 'y'));
    }
}

// Where a final response's head stands in the answers, and what it must be as the last one's.
struct Head {
    std::size_t start = 0;
    std::size_t end = 0;
    std::string edited;
};

// One connection's: what the client sends, what the server answers, one response more than asked
// for, and where in the two texts things are.
struct Play {
    std::string asked;
    std::vector<std::size_t> request_ends;
    std::string answers;
    std::vector<std::size_t> response_ends;
    std::vector<Head> heads;
    std::vector<std::size_t> body_starts;  // of those whose length their heads tell

    // How many bytes from there on may go out unseen, because they are known to be of a body.
    [[nodiscard]] std::size_t countable(std::size_t place) const {
        for (std::size_t i = 0; i < response_ends.size(); ++i) {
            if (place >= body_starts[i] && place < response_ends[i])
                return response_ends[i] - place;
        }
        return 0;
    }

    std::uint32_t last = 0;      // the exchange that is to be the last; 0: none
    bool last_persists = false;  // and then FIN is ours
    bool well_known = true;      // to the end of the last: nothing that is not understood
    std::size_t last_request_end = 0;
    std::size_t last_start = 0;  // of the last response, its interim ones included
    std::size_t head_start = 0;  // of the last's final response, in the answers
    std::size_t head_end = 0;
    std::size_t last_end = std::string::npos;   // where FIN is due
    std::size_t whole_end = std::string::npos;  // where the last response ends, whoever closes
    std::string edited;

    template <typename Next>
    Play(unsigned limit, unsigned count, Next next) {
        for (unsigned i = 1; i <= count; ++i) {
            const Request one = request(next());
            asked += one.text;
            request_ends.push_back(asked.size());
            const Response its = response(next(), one.head_only);
            const std::size_t start = answers.size() + its.before.size();
            heads.push_back({start, start + its.head.size(), its.edited});
            if (i == limit) pick(i, one, its);
            answers += its.text();
            const bool sized = its.head.find("Content-Length") != std::string::npos;
            body_starts.push_back(answers.size() - (sized ? its.body.size() : 0));
            response_ends.push_back(answers.size());
            if (i > limit && limit != 0) continue;
            well_known = well_known && one.understood && its.understood;
            if (i != limit) well_known = well_known && one.persists && its.persists;
        }
        answers += response(0, false).text();
        if (last != 0) whole_end = response_ends[last - 1];
        if (last > 1) last_start = response_ends[last - 2];
        if (last != 0 && last_persists) last_end = response_ends[last - 1];
    }

private:
    void pick(unsigned number, const Request& one, const Response& its) {
        last = number;
        last_persists = one.persists && its.persists;
        last_request_end = asked.size();
        head_start = answers.size() + its.before.size();
        head_end = head_start + its.head.size();
        edited = its.edited;
    }
};

}  // namespace lastcall::fake
