// The points of `check --setup`, printed: for people, a line each with its mark, below it what to
// do and where that is explained; and as JSON.

#include "../json_object.hpp"
#include "../text.hpp"
#include "../version.hpp"
#include "setup.hpp"

#include <algorithm>

namespace lastcall::command {
namespace {

const char* mark(Answer answer) {
    switch (answer) {
        case Answer::works: return "ok";
        case Answer::caution: return "caution";
        case Answer::fails: return "failed";
    }
    return "";
}

std::string where(const Point& point) {
    return point.anchor == nullptr ? "" : std::string{"docs/troubleshooting.md#"} + point.anchor;
}

std::size_t count(const Points& points, Answer answer) {
    return static_cast<std::size_t>(std::count_if(
        points.begin(), points.end(), [&](const Point& point) { return point.answer == answer; }));
}

}  // namespace

std::string as_lines(const SetupFacts& facts, const Points& points) {
    std::string text =
        printed("process %d (%s) and its descendants\n\n", facts.pid, visible(facts.name).c_str());
    for (const Point& point : points) {
        text += printed("%-8s %s\n", mark(point.answer), visible(point.text).c_str());
        if (!point.hint.empty()) text += printed("%8s > %s\n", "", visible(point.hint).c_str());
        if (point.anchor != nullptr) text += printed("%8s > %s\n", "", where(point).c_str());
    }
    return text + printed("\n%zu ok, %s, %zu failed\n", count(points, Answer::works),
                          counted(count(points, Answer::caution), "caution").c_str(),
                          count(points, Answer::fails));
}

std::string as_json(const SetupFacts& facts, const Points& points) {
    std::vector<std::string> items;
    for (const Point& point : points) {
        Object item;
        item.add("mark", quoted(mark(point.answer))).add("text", quoted(point.text));
        item.add("hint", quoted(point.hint)).add("see", quoted(where(point)));
        items.push_back(item.text());
    }
    Object object;
    object.add("version", quoted(version)).add_signed("pid", facts.pid);
    object.add("name", quoted(facts.name)).add("points", listed(items));
    object.add("cautions", std::uint64_t{count(points, Answer::caution)});
    return object.add("failed", std::uint64_t{count(points, Answer::fails)}).text() + '\n';
}

}  // namespace lastcall::command
