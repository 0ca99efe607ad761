// The guest's clock, in a hurry: scenes that wait for its seconds to pass would take minutes. Only
// the coarse clock, which nobody else here looks at.
#pragma once

namespace lastcall::threads {

// From now on it goes so many times as fast; never slower than it went before.
void hasten(unsigned times);

}  // namespace lastcall::threads
