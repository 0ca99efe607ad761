// Six shapes of exchange; the number chooses one and is told in the path and in the body.

#include "exchange.hpp"

namespace lastcall::threads {
namespace {

constexpr unsigned shapes = 6;

std::string sized(unsigned number, std::size_t size) {
    std::string body = "answer " + std::to_string(number) + "\n";
    while (body.size() < size) body += body;
    body.resize(size);
    return body;
}

std::string length_of(const std::string& body) {
    return "Content-Length: " + std::to_string(body.size()) + "\r\n";
}

// fields: those that come before what the edit adds; hop: those that it takes away.
std::string head(Place place, const std::string& status, const std::string& fields,
                 const std::string& hop = "") {
    const std::string end = place == Place::last ? "Connection: close\r\n" : "";
    return "HTTP/1.1 " + status + "\r\n" + (place == Place::last ? "" : hop) + fields + end +
           "\r\n";
}

std::string chunked(const std::string& body) {
    const std::string half = body.substr(0, body.size() / 2);
    const std::string rest = body.substr(half.size());
    const auto chunk = [](const std::string& text) {
        constexpr const char* digits = "0123456789abcdef";
        std::string size;
        for (std::size_t left = text.size(); left > 0; left /= 16) {
            size.insert(size.begin(), digits[left % 16]);
        }
        return size + "\r\n" + text + "\r\n";
    };
    return chunk(half) + chunk(rest) + "0\r\n\r\n";
}

}  // namespace

std::string request(unsigned number) {
    const std::string path = "/" + std::to_string(number) + " HTTP/1.1\r\nHost: threads\r\n";
    if (number % shapes != 2) return "GET " + path + "\r\n";
    const std::string body = sized(number, 300);
    return "POST " + path + length_of(body) + "\r\n" + body;
}

std::string response(unsigned number, Place place) {
    constexpr std::size_t sizes[shapes] = {2, 3000, 700, 0, 60000, 10};
    const std::string body = sized(number, sizes[number % shapes]);
    switch (number % shapes) {
        case 1:
            return head(place, "200 OK", length_of(body),
                        "Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n") +
                   body;
        case 2: return head(place, "200 OK", "Transfer-Encoding: chunked\r\n") + chunked(body);
        case 3: return head(place, "204 No Content", "Date: today\r\n");
        case 5:
            return "HTTP/1.1 103 Early Hints\r\nLink: </style>\r\n\r\n" +
                   head(place, "200 OK", length_of(body)) + body;
        default: return head(place, "200 OK", length_of(body)) + body;
    }
}

}  // namespace lastcall::threads
