// A file's bytes, read only within their bounds: every offset and size may be a lie. Small parts
// are asked for, so that a huge file costs no more than a small one.
#pragma once

#include <lastcall/bytes.hpp>

#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>

namespace lastcall::command {

class Image {
public:
    static constexpr std::uint64_t most_part = std::uint64_t{64} << 20;

    Image() = default;
    Image(const Image&) = delete;
    Image& operator=(const Image&) = delete;
    virtual ~Image() = default;

    [[nodiscard]] virtual std::uint64_t size() const = 0;
    // Fewer than asked for at the end, or if the file was cut short meanwhile.
    [[nodiscard]] virtual std::size_t read(std::uint64_t offset, char* to,
                                           std::size_t count) const = 0;
    // Where there is something again: holes in a sparse file are passed over.
    [[nodiscard]] virtual std::uint64_t next_data(std::uint64_t offset) const { return offset; }

    // Empty if it does not lie wholly inside, or is too large.
    [[nodiscard]] std::optional<std::string> part(std::uint64_t offset, std::uint64_t count) const {
        if (offset > size() || count > size() - offset || count > most_part) return {};
        std::string bytes(static_cast<std::size_t>(count), '\0');
        if (read(offset, bytes.data(), bytes.size()) != bytes.size()) return {};
        return bytes;
    }

    template <class T>
    [[nodiscard]] std::optional<T> value(std::uint64_t offset) const {
        static_assert(std::is_trivially_copyable_v<T>);
        T result;
        char* const bytes = reinterpret_cast<char*>(&result);
        if (offset > size() || read(offset, bytes, sizeof(T)) != sizeof(T)) return {};
        return result;
    }

    // The bytes up to a NUL that stands inside and within `longest`.
    [[nodiscard]] std::optional<std::string> string(std::uint64_t offset,
                                                    std::size_t longest) const {
        if (offset >= size()) return {};
        auto bytes = part(offset, std::min<std::uint64_t>(size() - offset, longest + 1));
        const std::size_t end = bytes ? bytes->find('\0') : std::string::npos;
        if (end == std::string::npos) return {};
        bytes->resize(end);
        return bytes;
    }

    // Do the word and its NUL stand there?
    [[nodiscard]] bool has_string(std::uint64_t offset, Bytes word) const {
        const auto found = part(offset, word.size() + 1);
        return found && found->starts_with(word) && found->back() == '\0';
    }

    // Is this the place? Asked of the first `most` at which the word stands, or until it is.
    [[nodiscard]] bool any_place(Bytes word, std::size_t most,
                                 const std::function<bool(std::uint64_t place)>& is_it) const;
};

// Of bytes that are in memory already, and stay there.
class MemoryImage final : public Image {
public:
    explicit MemoryImage(Bytes bytes) : bytes_(bytes) {}

    [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
    [[nodiscard]] std::size_t read(std::uint64_t offset, char* to,
                                   std::size_t count) const override {
        if (offset >= bytes_.size()) return 0;
        const Bytes found = first(from(bytes_, static_cast<std::size_t>(offset)), count);
        std::memcpy(to, found.data(), found.size());
        return found.size();
    }

private:
    Bytes bytes_;
};

}  // namespace lastcall::command
