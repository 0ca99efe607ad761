// Text as the command prints and reads it: formatting, numbers, words. Knows no file, no process.
#pragma once

#include <lastcall/bytes.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lastcall::command {

// What printf would have printed.
[[nodiscard, gnu::format(printf, 1, 2)]] std::string printed(const char* form, ...);

// Decimal digits and nothing else.
[[nodiscard]] std::optional<std::uint64_t> whole_number(Bytes text);

// A finite number above 0, with an optional fraction: 12.5
[[nodiscard]] std::optional<double> positive_number(Bytes text);

// Bytes of unknown origin, safe for a terminal: control characters become question marks.
[[nodiscard]] std::string visible(Bytes text);

// What was typed, as complaints show it: visible, cut short, in quotation marks.
[[nodiscard]] std::string in_quotes(Bytes word);

[[nodiscard]] std::vector<std::string> split(Bytes text, char separator);

// At white space; no empty words.
[[nodiscard]] std::vector<std::string> words(Bytes text);

// "1 connection", "2 connections"
[[nodiscard]] std::string counted(std::uint64_t count, const char* noun);

[[nodiscard]] std::string base_name(Bytes path);
[[nodiscard]] std::string folder_of(Bytes path);  // "." if it names none

}  // namespace lastcall::command
