#include "bench/report/columns.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

#include "bench/report/units.hpp"

namespace launch::bench {
namespace {

constexpr const char* kUnknown = "-";

// In milliseconds; what is short keeps three decimals.
std::string time_cell(const std::optional<double>& microseconds) {
  if (!microseconds) return kUnknown;
  const double ms = *microseconds / 1e3;
  return ms < 0.0995 ? fmt::format("{:.3f}", ms) : number_text(ms);
}

// Half of the interval, relative to the estimate.
std::string spread_cell(const Estimate& estimate) {
  if (!estimate.low || !estimate.high || estimate.estimate <= 0)
    return kUnknown;
  const double percent =
      (*estimate.high - *estimate.low) / 2 / estimate.estimate * 100;
  return percent < 9.95 ? fmt::format("±{:.1f}%", percent)
                        : fmt::format("±{:.3g}%", percent);
}

// "21-43", or "32" when all workers have as many.
std::string connections_cell(const Summary& summary) {
  if (summary.workers.empty()) return kUnknown;
  const auto [fewest, most] =
      std::minmax_element(summary.workers.begin(), summary.workers.end(),
                          [](const WorkerMean& a, const WorkerMean& b) {
                            return a.connections < b.connections;
                          });
  const long low = std::lround(fewest->connections);
  const long high = std::lround(most->connections);
  return low == high ? std::to_string(low) : fmt::format("{}-{}", low, high);
}

/// What a cell is made from: a summary and the one it is compared with.
struct Row {
  const Summary& summary;
  const Summary& base;
};

std::string relative_cell(const Row& row) {
  const double base = row.base.requests_per_second.estimate;
  return base > 0 ? number_text(row.summary.requests_per_second.estimate / base)
                  : kUnknown;
}

/// The columns after the name.
struct ColumnKind {
  const char* title;
  int drop_rank;
  std::string (*cell)(const Row&);
};
constexpr std::array kColumns{
    ColumnKind{"req/s", 0,
               [](const Row& r) {
                 return fmt::format("{:.0f}",
                                    r.summary.requests_per_second.estimate);
               }},
    ColumnKind{"±", 0,
               [](const Row& r) {
                 return spread_cell(r.summary.requests_per_second);
               }},
    ColumnKind{"x", 0, relative_cell},
    ColumnKind{
        "p50", 0,
        [](const Row& r) { return time_cell(r.summary.response_time_us.p50); }},
    ColumnKind{
        "p90", 4,
        [](const Row& r) { return time_cell(r.summary.response_time_us.p90); }},
    ColumnKind{
        "p99", 0,
        [](const Row& r) { return time_cell(r.summary.response_time_us.p99); }},
    ColumnKind{"p99.9", 3,
               [](const Row& r) {
                 return time_cell(r.summary.response_time_us.p99_9);
               }},
    ColumnKind{
        "max", 2,
        [](const Row& r) { return time_cell(r.summary.response_time_us.max); }},
    ColumnKind{
        "errors", 0,
        [](const Row& r) { return std::to_string(r.summary.errors.total()); }},
    ColumnKind{"CPU", 0,
               [](const Row& r) {
                 const double us = r.summary.server_cpu_us_per_request.estimate;
                 return us > 0 ? number_text(us) + "us" : kUnknown;
               }},
    ColumnKind{"PSS", 0,
               [](const Row& r) {
                 return r.summary.pss_bytes > 0
                            ? bytes_text(r.summary.pss_bytes)
                            : kUnknown;
               }},
    ColumnKind{"start", 7,
               [](const Row& r) {
                 return fmt::format("{:.0f}ms", r.summary.startup_ms);
               }},
    ColumnKind{"skew", 6,
               [](const Row& r) {
                 return r.summary.busiest_worker_share > 0
                            ? number_text(r.summary.busiest_worker_share)
                            : kUnknown;
               }},
    ColumnKind{"conns", 5,
               [](const Row& r) { return connections_cell(r.summary); }},
};

}  // namespace

std::vector<Column> columns_of(const std::vector<const Summary*>& rows,
                               const Summary& base) {
  std::vector<Column> columns{{"", true, 0, {}}};
  for (const Summary* row : rows)
    columns.front().cells.push_back(row->contender);
  for (const ColumnKind& kind : kColumns) {
    Column column{kind.title, false, kind.drop_rank, {}};
    for (const Summary* row : rows)
      column.cells.push_back(kind.cell({*row, base}));
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace launch::bench
