// Values of settings, of flags and of `set`: all have the forms of the settings table. Reads them
// with it, and writes words of a status page back in the same forms.
#pragma once

#include "options.hpp"

#include <lastcall/settings.hpp>

#include <span>
#include <string>

namespace lastcall::command {

// The accepted form of a variable's value, in words.
[[nodiscard]] const char* accepted(Bytes variable);

// Reads the value into settings. Throws UsageError: `what` was given, and what is accepted.
void read_value(Bytes variable, Bytes value, Bytes what, Settings& settings);

// A duration in the form of an age; "off" is none.
[[nodiscard]] std::uint32_t read_duration(Bytes value, Bytes what);

[[nodiscard]] std::string requests_text(std::uint32_t requests);
[[nodiscard]] std::string age_text(std::uint32_t milliseconds);
[[nodiscard]] std::string jitter_text(std::uint32_t percent);
[[nodiscard]] std::string rate_text(std::uint32_t rate);
// The largest unit that leaves no remainder: 90000 is 90s.
[[nodiscard]] std::string duration_text(std::uint64_t milliseconds);

// "on" is 1, "off" is 0.
[[nodiscard]] std::uint32_t read_switch(Bytes value, Bytes what);
[[nodiscard]] std::string switch_text(std::uint32_t on);

// "80, 8080"
[[nodiscard]] std::string ports_text(std::span<const std::uint16_t> ports);

// A process id, or a UsageError.
[[nodiscard]] int read_pid(Bytes text);

}  // namespace lastcall::command
