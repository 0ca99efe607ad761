// lastcall check --setup [PID|NAME|:PORT]: is all right around the servers of a container or a
// service?

#include "check.hpp"
#include "processes/processes.hpp"
#include "processes/target.hpp"
#include "setup/setup_facts.hpp"
#include "text.hpp"
#include "values.hpp"

#include <algorithm>
#include <cstdio>

namespace lastcall::command {
namespace {

std::optional<std::uint32_t> duration(const Arguments& arguments, const char* option) {
    const auto value = arguments.value(option);
    if (!value) return {};
    return read_duration(*value, std::string{"--"} + option);
}

// In a container 1 is the server or what started it, and the hook names it; on a host it is
// neither.
int subject_of(const Arguments& arguments) {
    const auto operands = arguments.operands();
    if (operands.size() > 1) throw UsageError("expected one PID, NAME or :PORT at most");
    if (!operands.empty()) return process_named(operands[0]);
    const std::string first = server_name(1);
    if (first == "systemd" || first == "init") {
        throw UsageError("process 1 is " + first +
                         " here, with all for descendants: give the PID of a service, as "
                         "`systemctl show --value -p MainPID NAME` tells");
    }
    return 1;
}

}  // namespace

int check_setup(const Arguments& arguments) {
    const StopFacts stop{duration(arguments, "grace"), duration(arguments, "within")};
    SetupFacts facts = setup_around(subject_of(arguments));
    facts.stop = stop;
    const Points points = judge_setup(facts);
    const std::string text =
        arguments.has("json") ? as_json(facts, points) : as_lines(facts, points);
    std::fputs(text.c_str(), stdout);
    const bool failed = std::any_of(points.begin(), points.end(), [](const Point& point) {
        return point.answer == Answer::fails;
    });
    return failed ? 1 : 0;
}

}  // namespace lastcall::command
