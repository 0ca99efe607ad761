// lastcall status: looks, prints, and looks again if asked to watch, or with every scrape.

#include "moment.hpp"
#include "pages/observe.hpp"
#include "processes/target.hpp"
#include "runs.hpp"
#include "scrapes/listen.hpp"
#include "text.hpp"
#include "values.hpp"

#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <limits>

namespace lastcall::command {
namespace {

constexpr std::uint64_t repaint_every = 1000;  // milliseconds

using Print = std::string (*)(const Reports&);

Print chosen_print(const Arguments& arguments) {
    if (arguments.has("json") && arguments.has("prometheus")) {
        throw UsageError("--json and --prometheus exclude each other");
    }
    if (arguments.has("json")) return as_json;
    return arguments.has("prometheus") ? as_prometheus : as_table;
}

std::uint64_t chosen_count(const Arguments& arguments) {
    const auto text = arguments.value("count");
    if (!text) return arguments.has("watch") ? std::numeric_limits<std::uint64_t>::max() : 1;
    const auto count = whole_number(*text);
    if (!arguments.has("watch")) throw UsageError("--count goes with --watch");
    if (!count || *count == 0) {
        throw UsageError("--count \"" + visible(*text) + "\": expected a whole number from 1");
    }
    return *count;
}

Reports look(std::span<const std::string> operands) {
    if (operands.empty()) return report_on(all_pages());
    if (operands[0][0] == '/') return report_on_folder(operands[0]);
    return report_on(pages_named(operands[0]));
}

// A line for each page that cannot be read.
std::string complaints(const Reports& reports) {
    std::string text;
    for (const ServerReport& report : reports) {
        if (report.error.empty()) continue;
        text += "lastcall status: " + visible(report.path) + ": " + report.error + '\n';
    }
    return text;
}

// One look for each scrape. What is wrong is told once, not with every one of them.
class Scraped {
public:
    explicit Scraped(std::span<const std::string> operands) : operands_(operands) {}

    std::string operator()() {
        try {
            return read();
        } catch (const std::exception& error) {
            tell("lastcall status: " + visible(error.what()) + '\n');
            throw;
        }
    }

private:
    // If nothing can be read, that is a failure: an answer without servers would pass for none.
    std::string read() {
        const Reports reports = look(operands_);
        const auto failed = [](const ServerReport& report) { return !report.error.empty(); };
        const auto told = [](const ServerReport& report) {
            return report.error.empty() && !report.stale;
        };
        const auto first = std::find_if(reports.begin(), reports.end(), failed);
        if (first != reports.end() && std::none_of(reports.begin(), reports.end(), told)) {
            throw Failure(first->path + ": " + first->error);
        }
        tell(complaints(reports));
        return as_prometheus(reports);
    }

    void tell(std::string text) {
        if (text != told_) std::fputs(text.c_str(), stderr);
        told_ = std::move(text);
    }

    std::span<const std::string> operands_;
    std::string told_;
};

int listen_and_print(const Arguments& arguments) {
    if (!arguments.has("prometheus")) throw UsageError("--listen goes with --prometheus");
    if (arguments.has("watch")) throw UsageError("--listen and --watch exclude each other");
    const auto operands = arguments.operands();
    if (!operands.empty() && operands[0][0] != '/') check_operand(operands[0]);
    Scraped scraped(operands);
    serve(read_endpoint(*arguments.value("listen")), [&] { return scraped(); });
    return 0;
}

void paint(const std::string& text, const Arguments& arguments, bool again) {
    if (arguments.has("watch") && isatty(STDOUT_FILENO) != 0) {
        std::fputs("\033[H\033[2J", stdout);
    } else if (again) {
        std::fputs("\n", stdout);
    }
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

}  // namespace

int run_status(const Arguments& arguments) {
    const auto operands = arguments.operands();
    if (operands.size() > 1) throw UsageError("one PID, NAME, :PORT or DIR at most");
    if (!operands.empty() && operands[0].empty()) throw UsageError("the operand is empty");
    const Print print = chosen_print(arguments);
    const std::uint64_t count = chosen_count(arguments);
    if (arguments.has("listen")) return listen_and_print(arguments);
    bool unreadable = false;
    std::uint64_t next = now();
    for (std::uint64_t i = 0; i < count; ++i, next += repaint_every) {
        if (i != 0) wait_until(next);
        const Reports reports = look(operands);
        std::string text = print(reports);
        if (reports.empty() && print == as_table) {
            text = "No server with a status page is to be seen";
            text += geteuid() == 0 ? ".\n" : " (those of other users: ask as root).\n";
        }
        paint(text, arguments, i != 0);
        const std::string wrong = complaints(reports);
        unreadable = unreadable || !wrong.empty();
        if (print != as_table) std::fputs(wrong.c_str(), stderr);
    }
    return unreadable ? 1 : 0;
}

}  // namespace lastcall::command
