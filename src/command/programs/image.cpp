// The search reads a window at a time, each with the last bytes of the one before: a word may stand
// across two.

#include "image.hpp"

namespace lastcall::command {
namespace {

constexpr std::size_t window_size = std::size_t{1} << 20;
constexpr std::size_t most_windows = 1024;  // a gigabyte, holes not counted

}  // namespace

bool Image::any_place(Bytes word, std::size_t most,
                      const std::function<bool(std::uint64_t place)>& is_it) const {
    std::string window;
    std::uint64_t at = next_data(0);
    for (std::size_t windows = 0; windows < most_windows && at < size(); ++windows) {
        window.resize(window_size);
        window.resize(read(at, window.data(), window.size()));
        for (std::size_t place = 0; most != 0; ++place, --most) {
            place = window.find(word, place);
            if (place == std::string::npos) break;
            if (is_it(at + place)) return true;
        }
        if (most == 0 || window.size() < window_size) return false;
        at = next_data(at + window_size - (word.size() - 1));
    }
    return false;
}

}  // namespace lastcall::command
