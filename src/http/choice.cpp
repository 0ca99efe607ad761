// Picking, and taking back.

#include <lastcall/choice.hpp>

namespace lastcall {

bool Choice::pick(const Terms& terms, std::uint32_t exchange, Trigger trigger, Picked& picked) {
    if (terms.budget != nullptr && !terms.budget->grant(terms.policy.rate, terms.now)) {
        ++picked.deferred;
        return false;
    }
    ++picked.by(trigger);
    if (terms.observe) {
        before_ = exchange;
        standing_.born = terms.now;
        return false;
    }
    picked_ = trigger;
    return true;
}

Trigger Choice::put_off() {
    const Trigger picked = picked_;
    picked_ = Trigger::none;
    return picked;
}

}  // namespace lastcall
