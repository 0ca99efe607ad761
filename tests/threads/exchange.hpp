// What goes over the wire: requests by their number, and the response to each, as it is written and
// as the client of a last exchange must see it. Knows no descriptor and no thread.
#pragma once

#include <cstdint>
#include <string>

namespace lastcall::threads {

enum class Place : std::uint8_t { earlier, last };

std::string request(unsigned number);
std::string response(unsigned number, Place place = Place::earlier);

// A seeded source of chance, one for each thread.
class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 1) {}
    // 0 to below - 1.
    unsigned below(unsigned bound) {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return static_cast<unsigned>(state_ >> 33) % bound;
    }
    bool one_in(unsigned many) { return below(many) == 0; }

private:
    std::uint64_t state_;
};

}  // namespace lastcall::threads
