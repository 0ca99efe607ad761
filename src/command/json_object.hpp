// How JSON (RFC 8259) is written: strings, objects, lists. Knows no report.
#pragma once

#include "text.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace lastcall::command {

// Bytes that are not ASCII become the code points of Latin-1: readable or not, always valid.
[[nodiscard]] inline std::string quoted(Bytes text) {
    std::string result = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (byte < 0x20 || byte >= 0x7f) {
            result += printed("\\u%04x", byte);
        } else {
            result += c;
        }
    }
    return result + '"';
}

class Object {
public:
    Object& add(Bytes name, const std::string& json) {
        text_ += text_.empty() ? "{" : ", ";
        text_ += quoted(name) + ": " + json;
        return *this;
    }
    Object& add(Bytes name, std::uint64_t number) { return add(name, std::to_string(number)); }
    Object& add_signed(Bytes name, std::int64_t number) {
        return add(name, std::to_string(number));
    }
    Object& add(Bytes name, bool truth) { return add(name, std::string{truth ? "true" : "false"}); }

    [[nodiscard]] std::string text() const { return text_.empty() ? "{}" : text_ + '}'; }

private:
    std::string text_;
};

[[nodiscard]] inline std::string listed(const std::vector<std::string>& items) {
    std::string text = "[";
    for (const std::string& item : items) {
        if (text.size() > 1) text += ", ";
        text += item;
    }
    return text + ']';
}

}  // namespace lastcall::command
