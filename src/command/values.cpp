// One table of forms, the library's, for everything that is typed.

#include "values.hpp"

#include "text.hpp"

namespace lastcall::command {
namespace {

const Setting& setting_of(Bytes variable) {
    for (const Setting& setting : settings_table()) {
        if (variable == setting.variable) return setting;
    }
    throw std::logic_error("no such setting");
}

[[noreturn]] void refuse(Bytes what, Bytes value, Bytes form) {
    throw UsageError(std::string{what} + " \"" + visible(first(value, 80)) + "\": expected " +
                     std::string{form});
}

}  // namespace

const char* accepted(Bytes variable) { return setting_of(variable).accepted; }

void read_value(Bytes variable, Bytes value, Bytes what, Settings& settings) {
    const Setting& setting = setting_of(variable);
    if (!setting.read(value, settings)) refuse(what, value, setting.accepted);
}

std::uint32_t read_duration(Bytes value, Bytes what) {
    constexpr Bytes form = "a whole number from 1 with ms, s, m or h, at most 596h, as in 90s";
    Settings settings;
    if (value == "off" || !setting_of("LASTCALL_AGE").read(value, settings)) {
        refuse(what, value, form);
    }
    return settings.policy.age;
}

std::string requests_text(std::uint32_t requests) {
    return requests == 0 ? "off" : std::to_string(requests);
}

std::string age_text(std::uint32_t milliseconds) {
    return milliseconds == 0 ? "off" : duration_text(milliseconds);
}

std::string jitter_text(std::uint32_t percent) { return std::to_string(percent) + "%"; }

std::string rate_text(std::uint32_t rate) {
    return rate == 0 ? "off" : std::to_string(rate) + "/s";
}

std::string duration_text(std::uint64_t milliseconds) {
    struct Unit {
        const char* name;
        std::uint64_t milliseconds;
    };
    for (const Unit& unit : {Unit{"h", 3'600'000}, Unit{"m", 60'000}, Unit{"s", 1000}}) {
        // 90s, not 1m; but 2m, not 120s.
        if (milliseconds != 0 && milliseconds % unit.milliseconds == 0) {
            return std::to_string(milliseconds / unit.milliseconds) + unit.name;
        }
    }
    return std::to_string(milliseconds) + "ms";
}

std::uint32_t read_switch(Bytes value, Bytes what) {
    if (value != "on" && value != "off") refuse(what, value, "on or off");
    return value == "on" ? 1 : 0;
}

std::string switch_text(std::uint32_t on) { return on != 0 ? "on" : "off"; }

std::string ports_text(std::span<const std::uint16_t> ports) {
    std::string text;
    for (const std::uint16_t port : ports) {
        text += (text.empty() ? "" : ", ") + std::to_string(port);
    }
    return text;
}

int read_pid(Bytes text) {
    const auto number = whole_number(text);
    if (!number || *number == 0 || *number > 2147483647) {
        refuse("PID", text, "the number of a process");
    }
    return static_cast<int>(*number);
}

}  // namespace lastcall::command
