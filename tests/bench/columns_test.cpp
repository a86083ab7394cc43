#include "bench/report/columns.hpp"

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

Summary measured() {
  Summary summary;
  summary.contender = "prefork-2x1";
  summary.requests_per_second = {19302, 18916, 19688};
  summary.server_cpu_us_per_request = {8.41, 8, 9};
  summary.response_time_us = {3300, 4100, 4500, 9800, std::nullopt, 45'000};
  summary.errors.status = 3;
  summary.pss_bytes = 12'900'000;
  summary.startup_ms = 23.4;
  summary.busiest_worker_share = 1.1;
  summary.workers = {{1, 900, 27.6}, {2, 1100, 36.4}};
  return summary;
}

std::string cell(const std::vector<Column>& columns, const char* title) {
  for (const Column& column : columns)
    if (column.title == title) return column.cells.at(0);
  return "no such column";
}

TEST_CASE("a summary is a row of cells with units", "[columns]") {
  const Summary summary = measured();
  Summary base = summary;
  base.requests_per_second = {10'000};
  const auto columns = columns_of({&summary}, base);
  CHECK(columns.front().cells.front() == "prefork-2x1");
  CHECK(cell(columns, "req/s") == "19302");
  CHECK(cell(columns, "±") == "±2.0%");
  CHECK(cell(columns, "x") == "1.93");
  CHECK(cell(columns, "p50") == "3.30");
  CHECK(cell(columns, "p90") == "4.10");
  CHECK(cell(columns, "p99") == "9.80");
  CHECK(cell(columns, "p99.9") == "-");
  CHECK(cell(columns, "max") == "45.0");
  CHECK(cell(columns, "errors") == "3");
  CHECK(cell(columns, "CPU") == "8.41us");
  CHECK(cell(columns, "PSS") == "12.3M");
  CHECK(cell(columns, "start") == "23ms");
  CHECK(cell(columns, "skew") == "1.10");
  CHECK(cell(columns, "conns") == "28-36");
}

TEST_CASE("the unknown is a dash", "[columns]") {
  const Summary nothing;
  const auto columns = columns_of({&nothing}, nothing);
  for (const char* title :
       {"±", "x", "p50", "max", "CPU", "PSS", "skew", "conns"})
    CHECK(cell(columns, title) == "-");
  CHECK(cell(columns, "req/s") == "0");
  CHECK(cell(columns, "errors") == "0");
}

TEST_CASE("short times and wide spreads keep their digits", "[columns]") {
  Summary summary = measured();
  summary.response_time_us.p50 = 31;
  summary.requests_per_second = {100, 20, 180};
  const auto columns = columns_of({&summary}, summary);
  CHECK(cell(columns, "p50") == "0.031");
  CHECK(cell(columns, "±") == "±80%");
}

TEST_CASE("workers with as many connections share a number", "[columns]") {
  Summary summary = measured();
  summary.workers = {{1, 1, 32}, {2, 1, 32}};
  CHECK(cell(columns_of({&summary}, summary), "conns") == "32");
}

}  // namespace
}  // namespace launch::bench
