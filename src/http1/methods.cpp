// The registry of HTTP methods, and what else stands where a method does.
// https://www.iana.org/assignments/http-methods

#include <lastcall/http1/methods.hpp>

#include <algorithm>

namespace lastcall {
namespace {

// The bytes themselves: pointers would have to be relocated in every process. What is behind a
// name's end is NUL, which no method has.
struct Name {
    char text[18];
};

constexpr std::array names = std::to_array<Name>({{"ACL"},
                                                  {"BASELINE-CONTROL"},
                                                  {"BIND"},
                                                  {"CHECKIN"},
                                                  {"CHECKOUT"},
                                                  {"CONNECT"},
                                                  {"COPY"},
                                                  {"DELETE"},
                                                  {"GET"},
                                                  {"HEAD"},
                                                  {"LABEL"},
                                                  {"LINK"},
                                                  {"LOCK"},
                                                  {"MERGE"},
                                                  {"MKACTIVITY"},
                                                  {"MKCALENDAR"},
                                                  {"MKCOL"},
                                                  {"MKREDIRECTREF"},
                                                  {"MKWORKSPACE"},
                                                  {"MOVE"},
                                                  {"OPTIONS"},
                                                  {"ORDERPATCH"},
                                                  {"PATCH"},
                                                  {"POST"},
                                                  {"PRI"},
                                                  {"PROPFIND"},
                                                  {"PROPPATCH"},
                                                  {"PROXY"},
                                                  {"PUT"},
                                                  {"QUERY"},
                                                  {"REBIND"},
                                                  {"REPORT"},
                                                  {"SEARCH"},
                                                  {"TRACE"},
                                                  {"UNBIND"},
                                                  {"UNCHECKOUT"},
                                                  {"UNLINK"},
                                                  {"UNLOCK"},
                                                  {"UPDATE"},
                                                  {"UPDATEREDIRECTREF"},
                                                  {"VERSION-CONTROL"}});

constexpr bool in_order(const Name& a, const Name& b) { return Bytes{a.text} < Bytes{b.text}; }
static_assert(std::is_sorted(names.begin(), names.end(), in_order));

constexpr bool same(const Name& name, Bytes text) { return Bytes{name.text} == text; }

}  // namespace

void MethodMatch::feed(char c) {
    if (high_ > names.size()) high_ = names.size();
    while (low_ < high_ && names[low_].text[length_] < c) ++low_;
    while (low_ < high_ && names[high_ - 1U].text[length_] > c) --high_;
    if (low_ < high_) ++length_;
}

MethodMatch::Found MethodMatch::found() const {
    if (low_ >= high_ || names[low_].text[length_] != '\0') return Found::unknown;
    if (same(names[low_], "HEAD")) return Found::head;
    if (same(names[low_], "CONNECT")) return Found::connect;
    if (same(names[low_], "PRI")) return Found::preface;
    if (same(names[low_], "PROXY")) return Found::proxy_header;
    return Found::registered;
}

}  // namespace lastcall
