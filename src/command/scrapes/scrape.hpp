// What is answered to a scrape: HTTP/1.1 as bytes to bytes. Pure; knows no socket and no page.
#pragma once

#include <lastcall/bytes.hpp>

#include <functional>
#include <string>

namespace lastcall::command {

inline constexpr std::size_t longest_request = 8192;

// Is the head complete, or too long ever to be?
[[nodiscard]] bool is_answerable(Bytes request);

// What /metrics is to say; an exception says why it cannot.
using Metrics = std::function<std::string()>;

// The whole response. `date`: of its Date field.
[[nodiscard]] std::string answer(Bytes request, const Metrics& metrics, const std::string& date);

}  // namespace lastcall::command
