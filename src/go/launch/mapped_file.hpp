// A whole file as bytes, for as long as this lives. Empty if it cannot be had.
#pragma once

#include <lastcall/bytes.hpp>

#include <string>

namespace lastcall::go {

class MappedFile {
public:
    explicit MappedFile(const std::string& path);
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    [[nodiscard]] Bytes bytes() const { return bytes_; }

private:
    Bytes bytes_;
};

}  // namespace lastcall::go
