// The constructor: finds the next definitions, lets the guest begin, and leaves errno as it was.

#include "calls.hpp"
#include "guest.hpp"
#include "handover.hpp"
#include "next.hpp"

namespace lastcall {
namespace {

[[gnu::constructor(101)]] void loaded() {
    const KeepErrno keep;
    next::find_all();
    if (next::first_of_its_kind() && !handed_over()) guest::begin();
}

}  // namespace
}  // namespace lastcall
