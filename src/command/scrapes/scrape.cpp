// Every response is the last of its connection, so of a request only the head matters: its start
// line (RFC 9112, 3) and that it names one host (3.2). What looks odd is refused, not repaired.

#include "scrape.hpp"

#include "../text.hpp"

#include <algorithm>
#include <exception>

namespace lastcall::command {
namespace {

constexpr Bytes text_format = "text/plain; version=0.0.4; charset=utf-8";
constexpr Bytes plain = "text/plain; charset=utf-8";

// 2.2: an empty line in front of a request is none of it.
Bytes without_empty_lines(Bytes request) {
    while (request.starts_with("\r\n")) request = from(request, 2);
    return request;
}

bool is_token(Bytes text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_tchar);
}

struct Request {
    Bytes method;
    Bytes path;
    Bytes fields;      // the lines behind the start line
    bool old = false;  // HTTP/1.0
    bool good = false;
};

// 3.2.2: a target may be a whole URI.
Bytes path_of(Bytes target) {
    constexpr Bytes scheme = "http://";
    if (target.starts_with(scheme)) {
        const std::size_t slash = target.find('/', scheme.size());
        target = slash == Bytes::npos ? Bytes{"/"} : from(target, slash);
    }
    return first(target, target.find('?'));
}

Request read_request(Bytes head) {
    Request request;
    const std::size_t end = head.find("\r\n");
    const Bytes line = first(head, end);
    const std::size_t one = line.find(' ');
    const std::size_t two = line.rfind(' ');
    if (one == Bytes::npos || one == two) return request;
    request.method = first(line, one);
    const Bytes target = first(from(line, one + 1), two - one - 1);
    const Bytes version = from(line, two + 1);
    request.path = path_of(target);
    request.fields = from(head, end + 2);
    request.old = version == "HTTP/1.0";
    const bool origin = target.starts_with("/") || target.starts_with("http://") || target == "*";
    request.good = is_token(request.method) && origin &&
                   std::all_of(target.begin(), target.end(), is_target_byte) &&
                   (request.old || version == "HTTP/1.1");
    return request;
}

bool is_host(Bytes name) {
    constexpr Bytes host = "host";
    return std::equal(name.begin(), name.end(), host.begin(), host.end(),
                      [](char a, char b) { return lower(a) == b; });
}

// 5.1, 5.2: a name, a colon right behind it, no folded line. 3.2: one Host, if not HTTP/1.0.
bool fields_are_good(const Request& request) {
    std::size_t hosts = 0;
    Bytes rest = request.fields;
    while (!rest.empty()) {
        const std::size_t end = rest.find("\r\n");
        const Bytes line = first(rest, end);
        const std::size_t colon = line.find(':');
        if (colon == Bytes::npos || !is_token(first(line, colon))) return false;
        if (!std::all_of(line.begin(), line.end(), is_field_byte)) return false;
        hosts += is_host(first(line, colon)) ? 1 : 0;
        rest = from(rest, end + 2);
    }
    return hosts == 1 || (hosts == 0 && request.old);
}

struct Response {
    Bytes status;
    std::string content;
    Bytes type = plain;
    Bytes more = {};
};

Response response_to(const Request& request, const Metrics& metrics) {
    if (!request.good || !fields_are_good(request)) return {"400 Bad Request", "Bad request\n"};
    if (request.path != "/metrics") return {"404 Not Found", "There is only /metrics\n"};
    if (request.method != "GET" && request.method != "HEAD") {
        return {"405 Method Not Allowed", "GET or HEAD\n", plain, "Allow: GET, HEAD\r\n"};
    }
    try {
        return {"200 OK", metrics(), text_format};
    } catch (const std::exception& error) {
        return {"500 Internal Server Error", visible(error.what()) + '\n'};
    }
}

std::string written(const Response& response, bool with_content, const std::string& date) {
    std::string text = "HTTP/1.1 " + std::string{response.status} + "\r\nDate: " + date +
                       "\r\nContent-Type: " + std::string{response.type} +
                       printed("\r\nContent-Length: %zu\r\n", response.content.size()) +
                       std::string{response.more} + "Connection: close\r\n\r\n";
    return with_content ? text + response.content : text;
}

}  // namespace

bool is_answerable(Bytes request) {
    return without_empty_lines(request).find("\r\n\r\n") != Bytes::npos ||
           request.size() >= longest_request;
}

std::string answer(Bytes request, const Metrics& metrics, const std::string& date) {
    const Bytes bytes = without_empty_lines(first(request, longest_request));
    const std::size_t end = bytes.find("\r\n\r\n");
    const Request read = end == Bytes::npos ? Request{} : read_request(first(bytes, end + 2));
    return written(response_to(read, metrics), read.method != "HEAD", date);
}

}  // namespace lastcall::command
