// Recognises a request method (RFC 9110 9) from bytes that come one at a time: is it one of IANA's
// registry of HTTP methods? Content behind any other may be framed in a way of its own, as
// Icecast's SOURCE is, which streams for hours.
#pragma once

#include <lastcall/bytes.hpp>

namespace lastcall {

class MethodMatch {
public:
    enum class Found : std::uint8_t {
        unknown,
        registered,
        head,
        connect,
        preface,      // PRI, of HTTP/2's
        proxy_header  // PROXY: no request at all
    };

    // Methods are case-sensitive.
    void feed(char c);

    // What the bytes fed are, whole and nothing else.
    [[nodiscard]] Found found() const;
    // Has it a definition, so that its content is framed as RFC 9112 6.3 says?
    [[nodiscard]] bool registered() const {
        const Found what = found();
        return what == Found::registered || what == Found::head || what == Found::connect;
    }

private:
    // The names that begin with what was fed are those from low_ on, before high_.
    std::uint8_t low_ = 0;
    std::uint8_t high_ = UINT8_MAX;
    std::uint8_t length_ = 0;
};

}  // namespace lastcall
