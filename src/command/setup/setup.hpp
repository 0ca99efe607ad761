// All that has to be right around a server for its connections to be ended and its stop to drain
// them: the points of `check --setup`, judged from facts. Pure; setup_facts.hpp gathers.
#pragma once

#include "../pages/report.hpp"
#include "../programs/verdict.hpp"

#include <optional>
#include <string>
#include <vector>

namespace lastcall::command {

struct Point {
    Answer answer = Answer::works;
    std::string text;
    std::string hint = {};         // what to do; where nothing is to be done: empty
    const char* anchor = nullptr;  // of docs/troubleshooting.md, where it is explained
};
using Points = std::vector<Point>;

struct LibraryFacts {
    std::string preloads;  // LD_PRELOAD, as the servers have it
    std::string path;      // its word that is the library; empty: none
    std::string error;     // why the loader cannot load it; empty: it can
    std::string command;   // where this command is
};

// A status page of a server's.
struct PageFacts {
    ServerReport report;
    Finding activity;      // of the page, in words
    std::string refusal;   // why who asks may not write it; empty: he may
    bool in_reach = true;  // of a drain of the process asked for
};

struct ServerFacts {
    int pid = 0;
    std::string name;
    std::vector<unsigned> ports;
    std::string closed;   // why it cannot be looked into; empty: it can
    bool loaded = false;  // the library is mapped, or the page held
    Findings absent;      // not loaded: why
    bool told = true;     // its environment can be read
    Findings settings;    // those that keep it from acting
    std::vector<std::string> typos;
    Findings patch;            // of a Go program
    std::string folder_error;  // why there is no page; empty: not known
    std::vector<PageFacts> pages;
};

// Of the time that a stop has. Milliseconds; empty: not told.
struct StopFacts {
    std::optional<std::uint32_t> grace;
    std::optional<std::uint32_t> within;
};

struct SetupFacts {
    int pid = 1;
    std::string name;
    std::string closed = {};  // why the process cannot be looked into; empty: it can
    LibraryFacts library;
    std::vector<ServerFacts> servers;
    std::vector<std::string> strays;  // servers with pages that are no descendants of the process
    std::vector<unsigned> ports_elsewhere;  // listened on by what cannot be seen
    StopFacts stop;
};

[[nodiscard]] Point judge_library(const LibraryFacts& library);
[[nodiscard]] Points judge_server(const ServerFacts& server);
[[nodiscard]] Points judge_drain(const SetupFacts& facts);
[[nodiscard]] Point judge_stop(const StopFacts& stop);
[[nodiscard]] Points judge_traffic(const std::string& server, const Tally& total);
[[nodiscard]] Points judge_setup(const SetupFacts& facts);

[[nodiscard]] std::string as_lines(const SetupFacts& facts, const Points& points);
[[nodiscard]] std::string as_json(const SetupFacts& facts, const Points& points);

}  // namespace lastcall::command
