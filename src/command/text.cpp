// Locale-independent by choice: the same bytes on every machine.

#include "text.hpp"

#include <charconv>
#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace lastcall::command {

std::string printed(const char* form, ...) {
    va_list arguments;
    va_start(arguments, form);
    va_list again;
    va_copy(again, arguments);
    const int size = std::vsnprintf(nullptr, 0, form, arguments);
    va_end(arguments);
    std::string text(size > 0 ? static_cast<std::size_t>(size) : 0, '\0');
    std::vsnprintf(text.data(), text.size() + 1, form, again);
    va_end(again);
    return text;
}

std::optional<std::uint64_t> whole_number(Bytes text) {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end) return {};
    return value;
}

std::optional<double> positive_number(Bytes text) {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
    if (error != std::errc{} || stop != end || !std::isfinite(value) || value <= 0) return {};
    return value;
}

std::string visible(Bytes text) {
    std::string result{text};
    for (char& c : result) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) c = '?';
    }
    return result;
}

std::string in_quotes(Bytes word) { return '"' + visible(first(word, 80)) + '"'; }

std::vector<std::string> split(Bytes text, char separator) {
    std::vector<std::string> parts;
    for (;;) {
        const std::size_t end = text.find(separator);
        parts.emplace_back(first(text, end));
        if (end == Bytes::npos) return parts;
        text = from(text, end + 1);
    }
}

std::vector<std::string> words(Bytes text) {
    std::vector<std::string> found;
    constexpr Bytes white = " \t\r\n";
    for (;;) {
        const std::size_t start = text.find_first_not_of(white);
        if (start == Bytes::npos) return found;
        text = from(text, start);
        const std::size_t end = text.find_first_of(white);
        found.emplace_back(first(text, end));
        text = from(text, end);
    }
}

std::string counted(std::uint64_t count, const char* noun) {
    return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

std::string base_name(Bytes path) {
    const std::size_t slash = path.rfind('/');
    return std::string{slash == Bytes::npos ? path : from(path, slash + 1)};
}

std::string folder_of(Bytes path) {
    const std::size_t slash = path.rfind('/');
    if (slash == Bytes::npos) return ".";
    return std::string{first(path, slash == 0 ? 1 : slash)};
}

}  // namespace lastcall::command
