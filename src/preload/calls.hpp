// Small shapes that the guest's parts share: the buffers of a call, the call itself, errno kept.
#pragma once

#include <lastcall/bytes.hpp>

#include <sys/types.h>
#include <sys/uio.h>
#include <cerrno>

namespace lastcall {

// The buffers a server passed, in order.
struct Buffers {
    const iovec* parts = nullptr;
    std::size_t count = 0;

    [[nodiscard]] std::size_t size() const {
        std::size_t sum = 0;
        for (std::size_t i = 0; i < count; ++i) sum += parts[i].iov_len;
        return sum;
    }
    static constexpr std::size_t all = static_cast<std::size_t>(-1);

    // The bytes from `start`, at most `limit` of them, a view at a time; `use` returns how many of
    // its view's bytes it used, and ends the walk by using less than all. Returns the sum.
    template <typename Use>
    std::size_t walk(std::size_t start, std::size_t limit, Use use) const {
        std::size_t sum = 0;
        if (count == 1 && start == 0) [[likely]] {
            const Bytes only =
                first({static_cast<const char*>(parts->iov_base), parts->iov_len}, limit);
            return only.empty() ? 0 : use(only);
        }
        for (std::size_t i = 0; i < count && sum < limit; ++i) {
            const Bytes whole{static_cast<const char*>(parts[i].iov_base), parts[i].iov_len};
            const Bytes part = first(from(whole, start), limit - sum);
            start -= start < whole.size() ? start : whole.size();
            if (part.empty()) continue;
            const std::size_t used = use(part);
            sum += used;
            if (used < part.size()) break;
        }
        return sum;
    }
};

// The server's call, to be made of the next definition; a reference, not a copy.
template <typename... Arguments>
class Reference {
public:
    template <typename Function>
    Reference(const Function& function)
        : function_(&function), run_([](const void* called, Arguments... arguments) {
              return static_cast<ssize_t>((*static_cast<const Function*>(called))(arguments...));
          }) {}
    ssize_t operator()(Arguments... arguments) const { return run_(function_, arguments...); }

private:
    const void* function_;
    ssize_t (*run_)(const void*, Arguments...);
};

using Call = Reference<>;                    // as it was made
using CountedCall = Reference<std::size_t>;  // but for at most so many bytes

// As a call answers that fails.
inline int failed(int error) {
    errno = error;
    return -1;
}

class KeepErrno {
public:
    KeepErrno() : kept_(errno) {}
    ~KeepErrno() { errno = kept_; }
    KeepErrno(const KeepErrno&) = delete;
    KeepErrno& operator=(const KeepErrno&) = delete;

private:
    int kept_;
};

}  // namespace lastcall
