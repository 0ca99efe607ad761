// The constructor: finds the next definitions, lets the guest begin, and leaves errno as it was.

#include "../go/as_if_without.hpp"
#include "calls.hpp"
#include "guest.hpp"
#include "handover.hpp"
#include "next.hpp"

namespace lastcall {
namespace {

[[gnu::constructor(101)]] void loaded() {
    const KeepErrno keep;
    next::find_all();
    if (!next::first_of_its_kind()) return;
    const Handover handover = hand_over();
    if (handover == Handover::done) return;
    guest::begin();
    if (handover == Handover::missing && guest::active()) {
        guest::say_at_once(LASTCALL_GO_AS_IF_WITHOUT
                           "liblastcall-go.so is not to be had beside liblastcall.so\n");
    }
}

}  // namespace
}  // namespace lastcall
