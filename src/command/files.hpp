// Files as bytes, and descriptors that close themselves. Knows no format.
#pragma once

#include "programs/image.hpp"
#include "programs/verdict.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace lastcall::command {

class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor();

    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] explicit operator bool() const { return number_ >= 0; }

private:
    int number_;
};

class FileImage final : public Image {
public:
    FileImage(Descriptor file, std::uint64_t size) : file_(std::move(file)), size_(size) {}

    [[nodiscard]] std::uint64_t size() const override { return size_; }
    [[nodiscard]] std::size_t read(std::uint64_t offset, char* to,
                                   std::size_t count) const override;
    [[nodiscard]] std::uint64_t next_data(std::uint64_t offset) const override;

private:
    Descriptor file_;
    std::uint64_t size_;
};

// A regular file, to be read. Without an image: `error` says why.
struct Content {
    std::unique_ptr<FileImage> image;
    std::string error;
    Privileges privileges;
};
[[nodiscard]] Content open_program(const std::string& path);

// A text file of /proc or /etc, up to some megabytes; empty if it cannot be read.
[[nodiscard]] std::optional<std::string> read_text(const std::string& path);

// Each line of a text file of any size; false if it cannot be opened.
bool each_line(const std::string& path, const std::function<void(Bytes line)>& use);
// As long as it answers true.
bool each_line_while(const std::string& path, const std::function<bool(Bytes line)>& use);

[[nodiscard]] bool is_executable(const std::string& path);

// As the shell looks a command up: with a slash it is a path, else PATH. Empty: none.
[[nodiscard]] std::string find_in_path(const std::string& name);

// Absolute, without symbolic links; the path itself if that fails.
[[nodiscard]] std::string real_path(const std::string& path);

[[nodiscard]] std::string link_target(const std::string& path);

}  // namespace lastcall::command
