// The law of the desk: however the server lays out its bytes and whatever the kernel takes of them,
// the client sees what it would have seen of one write, sent at once. What a server writes behind
// the end of chunks goes out, though, if it is offered with their beginning.

#include "../writer.hpp"
#include "law.hpp"

namespace lastcall {
namespace {

void check(Input input) {
    Dice& dice = input.dice;
    Writer writer(input.kinds, input.last);
    for (const Bytes written : at_random(input.text, dice)) {
        Parts parts = at_random(written, dice);
        if (dice.roll(1) == 0) parts.insert(parts.begin(), Bytes{});
        const Gathered gathered(parts);
        const auto take = [&](std::size_t batch) {
            return dice.roll(2) == 0 ? batch : dice.roll(batch);
        };
        for (std::size_t done = 0; done < written.size();) {
            if (dice.roll(4) == 0) law(writer.call({}, 0, take) == 0);
            done += writer.call(gathered.buffers(), done, take);
        }
    }
    law(writer.wire.starts_with(written_at_once(input.kinds, input.last, {input.text})));
    // Opaque without an edit; what is held back has left.
    if (writer.reason != Opaque::no) law(writer.wire == input.text);
}

}  // namespace
}  // namespace lastcall

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    lastcall::check(lastcall::Input({reinterpret_cast<const char*>(data), size}));
    return 0;
}
