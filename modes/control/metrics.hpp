#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "modes/control/status.hpp"

namespace launch {

/// What one metric says, in the text format of Prometheus.
struct MetricRow {
  std::string_view name;
  std::string_view type;  ///< "counter", "gauge" or "histogram"
  std::string_view labels;
  std::string_view help;
  void (*write)(std::string& to, std::string_view name,
                const ServiceStatus& status);
};

/// The content type of metrics_text().
inline constexpr std::string_view kMetricsType =
    "text/plain; version=0.0.4; charset=utf-8";

/// The status in the text format 0.0.4 of Prometheus. Series are labelled by
/// a worker's index, never by its pid, so that none outlives its process and
/// counters go on over restarts.
std::string metrics_text(const ServiceStatus& status);

/// The rows from which it is made; docs/control.md is checked against them.
const std::vector<MetricRow>& metric_rows();

}  // namespace launch
