// A renewal process whose lifetimes are uniform on [(1-J)L, L]. In its steady state the rest of a
// life has the distribution P(rest <= t) = 1/m * integral from 0 to t of (1 - F(x)) dx.

#include "balance.hpp"

#include <algorithm>
#include <cmath>

namespace lastcall::command {

Plan plan_for(const Load& load) {
    constexpr double most = 2147483647;
    Plan plan;
    plan.connection_rate = load.requests_per_second / load.connections;
    const double wished = std::floor(plan.connection_rate * load.settle);
    plan.requests = static_cast<std::uint32_t>(std::clamp(wished, 1.0, most));
    plan.capped = wished > most;
    plan.longest = plan.requests / plan.connection_rate;
    plan.jitter = std::floor(plan.requests * load.jitter) / plan.requests;
    plan.mean = plan.longest * (1 - plan.jitter / 2);
    plan.reconnects = load.connections / plan.mean;
    plan.cost = plan.reconnects / load.requests_per_second;
    plan.settles = plan.longest <= load.settle;
    plan.by_count = plan.requests >= 10 * load.streams;
    return plan;
}

double renewed(double time, double longest, double jitter) {
    const double mean = longest * (1 - jitter / 2);
    if (time <= 0) return 0;
    if (time >= longest) return 1;
    if (time <= (1 - jitter) * longest) return time / mean;
    const double left = longest - time;
    return 1 - left * left / (2 * jitter * longest * mean);
}

}  // namespace lastcall::command
