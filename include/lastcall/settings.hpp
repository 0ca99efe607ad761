// The settings: one table of names, forms and meanings, shared by the library (environment) and
// whoever prepares one for it. Reads values; knows no environment.
#pragma once

#include <lastcall/bytes.hpp>
#include <lastcall/policy.hpp>

#include <array>
#include <span>

namespace lastcall {

enum class Mode : std::uint8_t {
    on,
    off,     // every call is forwarded and nothing else
    observe  // follow, and count what would have been closed
};

// A set of TCP ports, 1 to 65535; all of them until one is added.
class Ports {
public:
    [[nodiscard]] bool all() const { return !some_; }
    [[nodiscard]] bool contains(std::uint16_t port) const {
        return !some_ || (bits_[port / 64] >> port % 64 & 1) != 0;
    }
    void add(std::uint16_t port) {
        some_ = true;
        bits_[port / 64] |= std::uint64_t{1} << port % 64;
    }

private:
    std::array<std::uint64_t, 1024> bits_{};
    bool some_ = false;
};

inline constexpr Policy default_policy{.requests = 1000};

struct Settings {
    Mode mode = Mode::on;
    Policy policy = default_policy;
    Ports ports;
    std::array<char, 200> status{};  // directory of the status page, absolute; empty: none
    std::uint32_t others = 0;        // who may use the page beside its owner, as bits of a mode
};

struct Setting {
    const char* variable;
    bool (*read)(Bytes value, Settings& settings);  // false: bad, and settings are not to be used
    const char* accepted;                           // the accepted form, in words
};

// In the order in which a bad value is reported. LASTCALL comes first: `off` makes the rest moot.
[[nodiscard]] std::span<const Setting> settings_table();

}  // namespace lastcall
