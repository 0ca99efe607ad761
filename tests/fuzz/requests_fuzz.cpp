// Laws of the request side: what is delivered, and why, depends on the bytes and not on their cuts;
// a peek answers as a read would.

#include "law.hpp"

namespace lastcall {
namespace {

void read(Arrivals& arrivals, const Parts& parts, const Policy& policy) {
    for (const Bytes part : parts) law(arrivals.read(part, policy));
}

void same(const Arrivals& a, const Arrivals& b) {
    law(a.delivered == b.delivered);
    law(a.reason == b.reason);
    law(a.requests.over() == b.requests.over());
    law(a.exchanges.begun() == b.exchanges.begun());
    law(a.exchanges.last() == b.exchanges.last());
    law(a.exchanges.last_persists() == b.exchanges.last_persists());
}

// Peeks at the rest from a place in the text, then reads it.
void peek_then_read(Bytes text, std::size_t place, const Policy& policy) {
    Arrivals arrivals;
    law(arrivals.read(first(text, place), policy));
    if (arrivals.reason != Opaque::no) return;
    Requests copy = arrivals.requests;
    Exchanges exchanges;
    exchanges.copy(arrivals.exchanges);
    const Bytes rest = from(text, place);
    const Requests::Intake seen = copy.peek(rest, exchanges, policy);
    const std::size_t before = arrivals.delivered;
    law(arrivals.read(rest, policy));
    law(seen.reason == arrivals.reason);
    law(before + seen.delivered == arrivals.delivered);
}

void check(Input input) {
    const Policy policy{.requests = input.last};
    Arrivals whole;
    read(whole, {input.text}, policy);
    law(whole.delivered <= input.text.size());
    law(whole.reason == Opaque::no || whole.delivered == input.text.size());
    law(whole.requests.over() || whole.delivered == input.text.size());
    Arrivals bytes;
    read(bytes, byte_by_byte(input.text), policy);
    same(whole, bytes);
    Arrivals random;
    read(random, at_random(input.text, input.dice), policy);
    same(whole, random);
    peek_then_read(input.text, input.dice.roll(input.text.size()), policy);
}

}  // namespace
}  // namespace lastcall

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    lastcall::check(lastcall::Input({reinterpret_cast<const char*>(data), size}));
    return 0;
}
