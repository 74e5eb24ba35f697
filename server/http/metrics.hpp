// GET /metrics: the server's state for Prometheus.
#pragma once

#include <cstddef>
#include <string_view>

#include "http/api.hpp"
#include "http/message.hpp"

namespace malaposta::http {

// Prometheus' text format, version 0.0.4.
inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";
inline constexpr std::size_t kMostRuleMetrics = 1'000;  // rules that are named: those that fired most

Answer metrics(const Request& request, Api& api);

}  // namespace malaposta::http
