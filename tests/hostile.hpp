// Reads the tables of hostile messages in tests/hostile: bytes, and what is claimed of them. Their
// form is told in the tables' first lines. Knows nothing of what the events mean.
#pragma once

#include <lastcall/progress.hpp>

#include "wire.hpp"

#include <array>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace lastcall::hostile {

struct Row {
    std::string source;
    std::string name;
    std::string requests;  // of a response: one letter each
    std::vector<std::string> events;
    std::string text;
    std::vector<std::size_t> places;  // of each event

    [[nodiscard]] std::uint32_t count(Bytes event) const {
        return static_cast<std::uint32_t>(std::count(events.begin(), events.end(), event));
    }
    [[nodiscard]] Opaque reason() const;
};

inline constexpr std::array<Bytes, 10> reasons{"no",
                                               "tls",
                                               "http2",
                                               "not_http",
                                               "malformed_head",
                                               "ambiguous_length",
                                               "unknown_coding",
                                               "malformed_body",
                                               "upgrade",
                                               "tunnel"};

inline Opaque Row::reason() const {
    if (events.empty()) return Opaque::no;
    if (events.back() == "unsolicited") return Opaque::unsolicited;
    for (std::size_t i = 1; i < reasons.size(); ++i) {
        if (events.back() == reasons[i]) return static_cast<Opaque>(i);
    }
    return Opaque::no;
}

inline std::vector<std::string> split(const std::string& text, const std::string& by) {
    std::vector<std::string> parts;
    for (std::size_t start = 0;;) {
        const std::size_t end = text.find(by, start);
        parts.push_back(text.substr(start, end - start));
        if (end == std::string::npos) return parts;
        start = end + by.size();
    }
}

inline std::vector<std::string> words(const std::string& text) {
    std::vector<std::string> found;
    for (const std::string& word : split(text, " ")) {
        if (!word.empty()) found.push_back(word);
    }
    return found;
}

using Shorthands = std::map<char, std::string>;

inline std::string spelled_out(const std::string& text, const Shorthands& shorthands) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '$') {
            result += shorthands.at(text[++i]);
        } else if (text[i] == '{') {
            const std::size_t star = text.find('*', i), end = text.find('}', i);
            result += repeated(Bytes{text}.substr(star + 1, end - star - 1),
                               std::stoul(text.substr(i + 1)));
            i = end;
        } else {
            result += text[i];
        }
    }
    return result;
}

inline char escaped(const std::string& text, std::size_t& i) {
    constexpr Bytes letters = "nrtvf0\\", meant{"\n\r\t\v\f\0\\", 7};
    const char c = text[++i];
    if (c != 'x') return meant[letters.find(c)];
    i += 2;
    return static_cast<char>(std::stoi(text.substr(i - 1, 2), nullptr, 16));
}

inline void read_bytes(const std::string& text, Row& row) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '^')
            row.places.push_back(row.text.size());
        else if (text[i] == '|')
            row.text += "\r\n";
        else
            row.text += text[i] == '\\' ? escaped(text, i) : text[i];
    }
}

// Where the tables are: beside this file.
inline std::string folder() {
    const std::string here = __FILE__;
    return here.substr(0, here.rfind('/')) + "/hostile/";
}

// The rows of a table; `columns` of them, the bytes last.
inline std::vector<Row> rows(const std::string& name, std::size_t columns) {
    std::ifstream file(folder() + name);
    std::vector<Row> found;
    Shorthands shorthands;
    std::string source;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("= ")) source = line.substr(2);
        if (line.starts_with("@")) shorthands[line[1]] = line.substr(3);
        const std::vector<std::string> parts = split(line, " ~ ");
        if (line.starts_with("#") || parts.size() < 2) continue;
        REQUIRE_MESSAGE(parts.size() == columns, line);
        Row row{source, parts[0], columns == 4 ? parts[1] : "", {}, {}, {}};
        row.events = words(spelled_out(parts[columns - 2], shorthands));
        read_bytes(spelled_out(parts[columns - 1], shorthands), row);
        REQUIRE_MESSAGE(row.places.size() == row.events.size(), line);
        found.push_back(row);
    }
    return found;
}

// Every row in every cut.
template <typename Check>
void each(const std::vector<Row>& rows, Check check) {
    for (const Row& row : rows) {
        INFO(row.source, ": ", row.name);
        at_every_split(row.text, [&](const Parts& parts) { check(row, parts); });
    }
}

}  // namespace lastcall::hostile
