// The forms of values: decimal digits and fixed words, whole string, no sign, no white space.

#include <lastcall/settings.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace lastcall {
namespace {

constexpr std::uint32_t most = 2147483647;

std::optional<std::uint32_t> number(Bytes text, std::uint32_t low, std::uint32_t high) {
    std::uint32_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end || value < low || value > high) return {};
    return value;
}

bool read_mode(Bytes value, Settings& settings) {
    if (value == "observe") settings.mode = Mode::observe;
    if (value == "off") settings.mode = Mode::off;
    return value == "on" || value == "off" || value == "observe";
}

bool read_requests(Bytes value, Settings& settings) {
    const auto requests = number(value, 1, most);
    settings.policy.requests = requests.value_or(0);
    return requests || value == "off";
}

struct Unit {
    Bytes name;
    std::uint32_t milliseconds;
};
constexpr std::array units{Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000}, Unit{"h", 3'600'000}};

bool read_age(Bytes value, Settings& settings) {
    if (value == "off") {
        settings.policy.age = 0;
        return true;
    }
    const std::size_t digits = value.find_first_not_of("0123456789");
    for (const Unit& unit : units) {
        if (from(value, digits) != unit.name) continue;
        const auto count = number(first(value, digits), 1, most / unit.milliseconds);
        settings.policy.age = count.value_or(0) * unit.milliseconds;
        return count.has_value();
    }
    return false;
}

// The value without its last bytes, if they are `end`.
std::optional<Bytes> without(Bytes value, Bytes end) {
    if (!value.ends_with(end)) return {};
    return first(value, value.size() - end.size());
}

bool read_jitter(Bytes value, Settings& settings) {
    const auto digits = without(value, "%");
    const auto percent = digits ? number(*digits, 0, 100) : std::nullopt;
    settings.policy.jitter = percent.value_or(0);
    return percent.has_value();
}

bool read_rate(Bytes value, Settings& settings) {
    const auto digits = without(value, "/s");
    const auto rate = digits ? number(*digits, 1, 1'000'000) : std::nullopt;
    settings.policy.rate = rate.value_or(0);
    return rate || value == "off";
}

struct Others {
    Bytes mode;
    std::uint32_t bits;
};
constexpr std::array all_others{Others{"0600", 0}, Others{"0640", 0040}, Others{"0644", 0044},
                                Others{"0660", 0060}, Others{"0666", 0066}};

bool read_status(Bytes value, Settings& settings) {
    settings.status = {};
    if (value == "off") return true;
    const bool absolute = value.starts_with('/') && value.size() < settings.status.size();
    if (absolute) std::copy(value.begin(), value.end(), settings.status.begin());
    return absolute;
}

bool read_status_mode(Bytes value, Settings& settings) {
    settings.others = 0;
    for (const Others& others : all_others) {
        if (value != others.mode) continue;
        settings.others = others.bits;
        return true;
    }
    return false;
}

// One port, or two with a hyphen between.
bool read_port_range(Bytes text, Ports& ports) {
    const std::size_t hyphen = text.find('-');
    const auto low = number(first(text, hyphen), 1, 65535);
    const auto high = hyphen == Bytes::npos ? low : number(from(text, hyphen + 1), 1, 65535);
    if (!low || !high || *low > *high) return false;
    for (std::uint32_t port = *low; port <= *high; ++port) {
        ports.add(static_cast<std::uint16_t>(port));
    }
    return true;
}

bool read_ports(Bytes value, Settings& settings) {
    for (;;) {
        const std::size_t comma = value.find(',');
        if (!read_port_range(first(value, comma), settings.ports)) return false;
        if (comma == Bytes::npos) return true;
        value = from(value, comma + 1);
    }
}

constexpr std::array table{
    Setting{"LASTCALL", read_mode, "on, off or observe"},
    Setting{"LASTCALL_REQUESTS", read_requests, "a whole number from 1 to 2147483647, or off"},
    Setting{"LASTCALL_AGE", read_age,
            "a whole number from 1 with ms, s, m or h, at most 596h, as in 90s, or off"},
    Setting{"LASTCALL_JITTER", read_jitter, "a whole number from 0 to 100 with %, as in 10%"},
    Setting{"LASTCALL_RATE", read_rate,
            "a whole number from 1 to 1000000 with /s, as in 50/s, or off"},
    Setting{"LASTCALL_STATUS", read_status, "an absolute path of at most 199 bytes, or off"},
    Setting{"LASTCALL_STATUS_MODE", read_status_mode, "0600, 0640, 0644, 0660 or 0666"},
    Setting{"LASTCALL_PORTS", read_ports, "ports and ranges from 1 to 65535, as in 80,8080-8090"},
};

}  // namespace

std::span<const Setting> settings_table() { return table; }

}  // namespace lastcall
