// Claims about which request methods are known.

#include <lastcall/http1/methods.hpp>

#include <doctest/doctest.h>

#include <initializer_list>

namespace lastcall {
namespace {

using Found = MethodMatch::Found;

Found found(Bytes method) {
    MethodMatch match;
    for (const char c : method) match.feed(c);
    return match.found();
}

void all(Found what, std::initializer_list<Bytes> methods) {
    for (const Bytes method : methods) {
        CAPTURE(method);
        CHECK(found(method) == what);
    }
}

TEST_SUITE("request method (RFC 9110 9)") {
    TEST_CASE("is registered if IANA says so, WebDAV's among them") {
        all(Found::registered, {"ACL",
                                "BASELINE-CONTROL",
                                "BIND",
                                "CHECKIN",
                                "CHECKOUT",
                                "COPY",
                                "DELETE",
                                "GET",
                                "LABEL",
                                "LINK",
                                "LOCK",
                                "MERGE",
                                "MKACTIVITY",
                                "MKCALENDAR",
                                "MKCOL",
                                "MOVE",
                                "MKREDIRECTREF",
                                "OPTIONS",
                                "MKWORKSPACE",
                                "ORDERPATCH",
                                "PATCH",
                                "POST",
                                "PROPFIND",
                                "PROPPATCH",
                                "PUT",
                                "QUERY",
                                "REBIND",
                                "REPORT",
                                "SEARCH",
                                "TRACE",
                                "UNBIND",
                                "UNCHECKOUT",
                                "UNLINK",
                                "UNLOCK",
                                "UPDATE",
                                "UPDATEREDIRECTREF",
                                "VERSION-CONTROL"});
    }

    TEST_CASE("is told apart where it means more") {
        all(Found::head, {"HEAD"});
        all(Found::connect, {"CONNECT"});
        all(Found::preface, {"PRI"});
        all(Found::proxy_header, {"PROXY"});
    }

    TEST_CASE("is unknown otherwise, and in another letter case") {
        all(Found::unknown,
            {"", "SOURCE", "PURGE", "BAN", "ICY", "get", "Get", "head", "post", "*", "ZZZ", "A"});
    }

    TEST_CASE("is unknown if it begins, ends or goes on like another") {
        all(Found::unknown, {"GE",
                             "GETS",
                             "XGET",
                             "HEADER",
                             "XHEAD",
                             "U",
                             "UN",
                             "UNLOC",
                             "UPDATER",
                             "UPDATEX",
                             "UPDATEREDIRECTRE",
                             "UPDATEREDIRECTREFS",
                             "UPDATEREDIRECTREFSANDMORE",
                             "CHECK",
                             "CHECKOUTS",
                             "PROP",
                             "PROPFINDS",
                             "PR",
                             "PROXYS",
                             "BASELINE-CONTROLS",
                             "VERSION",
                             "ACLACL",
                             "AC"});
    }

    TEST_CASE("counts as registered with HEAD and CONNECT, and without PRI and PROXY") {
        const auto registered = [](Bytes method) {
            MethodMatch match;
            for (const char c : method) match.feed(c);
            return match.registered();
        };
        CHECK((registered("GET") && registered("HEAD") && registered("CONNECT")));
        CHECK_FALSE((registered("PRI") || registered("PROXY") || registered("SOURCE")));
    }
}

}  // namespace
}  // namespace lastcall
