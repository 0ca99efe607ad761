// Laws of the response side: what the client sees, and why, depends on the bytes and not on their
// cuts; a connection that turned opaque without an edit has passed every byte as it was.

#include "law.hpp"

namespace lastcall {
namespace {

void write(Conversation& conversation, const Parts& parts) {
    for (const Bytes part : parts) law(conversation.write(part));
    conversation.close();
}

void same(const Conversation& a, const Conversation& b) {
    law(a.wire == b.wire);
    law(a.reason == b.reason);
    law(a.responses.answered() == b.responses.answered());
    law(a.responses.over() == b.responses.over());
    law(a.responses.passing() == b.responses.passing());
    law(a.responses.said_close() == b.responses.said_close());
    law(a.responses.countable() == b.responses.countable());
}

void check_wire(const Conversation& conversation, Bytes text) {
    if (conversation.reason != Opaque::no) law(conversation.wire == text);
    if (conversation.edit.begun()) return;
    if (conversation.responses.over())
        law(text.starts_with(conversation.wire));
    else
        law(conversation.wire == text);
}

void check_steps(Input& input) {
    Conversation whole(input.kinds, input.last);
    write(whole, {input.text});
    check_wire(whole, input.text);
    Conversation bytes(input.kinds, input.last);
    write(bytes, byte_by_byte(input.text));
    same(whole, bytes);
    Conversation random(input.kinds, input.last);
    write(random, at_random(input.text, input.dice));
    same(whole, random);
}

struct Following {
    Exchanges exchanges;
    Responses responses;
    Opaque reason = Opaque::no;

    Following(const Kinds& kinds, const Parts& parts) {
        begin_exchanges(exchanges, kinds, none_is_last);
        for (const Bytes part : parts) {
            if (reason == Opaque::no) reason = follow(responses, part, exchanges);
        }
    }
};

void same(const Following& a, const Following& b) {
    law(a.reason == b.reason);
    law(a.responses.answered() == b.responses.answered());
    if (a.reason == Opaque::no) law(a.responses.countable() == b.responses.countable());
}

void check_following(Input& input) {
    const Following whole(input.kinds, {input.text});
    same(whole, Following(input.kinds, byte_by_byte(input.text)));
    same(whole, Following(input.kinds, at_random(input.text, input.dice)));
    Conversation steps(input.kinds, none_is_last);
    write(steps, {input.text});
    law(steps.reason == whole.reason);
    law(steps.responses.answered() == whole.responses.answered());
    law(steps.wire == input.text);
}

void check(Input input) {
    check_steps(input);
    check_following(input);
}

}  // namespace
}  // namespace lastcall

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    lastcall::check(lastcall::Input({reinterpret_cast<const char*>(data), size}));
    return 0;
}
