#include <algorithm>
#include <sstream>

#include "bench/report/layout.hpp"
#include "bench/report/report.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/comparison.hpp"

namespace launch::bench {
namespace {

using Catch::Contains;

int widest_line(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  int widest = 0;
  while (std::getline(lines, line))
    widest = std::max(widest, display_width(line));
  return widest;
}

TEST_CASE("the report shows tables, legend, verdicts and method", "[text]") {
  const std::string text = to_text(finished_comparison(), 200, false);
  CHECK_THAT(text, Contains("demo on AMD EPYC, 2 cores"));
  CHECK_THAT(text, Contains("cpu - GET / (64 connections)"));
  CHECK_THAT(text, Contains("* prefork-2x1"));
  CHECK_THAT(text, Contains("  single-1x1"));
  CHECK_THAT(text, Contains("x: requests/s relative to single-1x1"));
  CHECK_THAT(text, Contains("  cpu: prefork-2x1 is better (1.93 x single-1x1, "
                            "95 % interval 1.93 to 1.93): the handlers keep"));
  CHECK_THAT(text, Contains("  block: thread-pool-1x16 is better (15.6 x "));
  CHECK_THAT(text, Contains("blocked 98 % of the time"));
  CHECK_THAT(text, Contains("  overall: thread-pool-1x16 is better"));
  CHECK_THAT(text, Contains("measured: 3 rounds of 800 ms"));
  CHECK_THAT(text, Contains("seed 42"));
  CHECK_THAT(text, !Contains("Warnings") && !Contains("Failed"));
  CHECK_THAT(text, !Contains("interrupted"));
}

TEST_CASE("at 100 columns all columns fit", "[text]") {
  const std::string text = to_text(finished_comparison(), 100, false);
  CHECK(widest_line(text) <= 100);
  CHECK_THAT(text, !Contains("--json"));
  for (const char* title :
       {"p50", "p90", "p99", "p99.9", "max", "errors", "CPU", "PSS"})
    CHECK_THAT(text, Contains(title));
}

TEST_CASE("at 80 columns the least needed columns go", "[text]") {
  const std::string text = to_text(finished_comparison(), 80, false);
  CHECK(widest_line(text) <= 80);
  for (const char* title : {"req/s", "p50", "p99", "errors", "CPU", "PSS"})
    CHECK_THAT(text, Contains(title));
  CHECK_THAT(text, Contains("--json"));
}

TEST_CASE("colours come only when asked for", "[text]") {
  CHECK_THAT(to_text(finished_comparison(), 100, false), !Contains("\x1b["));
  const std::string text = to_text(finished_comparison(), 100, true);
  CHECK_THAT(text, Contains("\x1b[1;32mprefork-2x1 is better\x1b[0m"));
}

TEST_CASE("failures, warnings and an interruption are shown", "[text]") {
  Comparison comparison = finished_comparison();
  comparison.failures = {
      {"prefork-2x8", FailureKind::start, "ended with exit code 3"}};
  comparison.warnings = {"the host took 5 % away"};
  comparison.interrupted = true;
  const std::string text = to_text(comparison, 100, false);
  CHECK_THAT(text, Contains("Failed\n  prefork-2x8: ended with exit code 3\n"));
  CHECK_THAT(text, Contains("Warnings\n  the host took 5 % away\n"));
  CHECK_THAT(text, Contains("interrupted"));
}

TEST_CASE("contenders that failed alike are told together", "[text]") {
  Comparison comparison = finished_comparison();
  comparison.failures = {{"single-1x1", FailureKind::start, "no database"},
                         {"prefork-2x1", FailureKind::start, "too slow"},
                         {"prefork-2x8", FailureKind::start, "no database"}};
  CHECK_THAT(to_text(comparison, 100, false),
             Contains("Failed\n  single-1x1 and prefork-2x8: no database\n"
                      "  prefork-2x1: too slow\n"));
}

TEST_CASE("ties and missing verdicts have words of their own", "[text]") {
  Comparison comparison = finished_comparison();
  comparison.verdicts = {{"cpu",
                          "requests_per_second",
                          VerdictOutcome::no_clear_winner,
                          "single-1x1",
                          "prefork-2x1",
                          {0.98, 0.95, 1.02},
                          {"prefork-2x1"},
                          "because"},
                         {"block",
                          "requests_per_second",
                          VerdictOutcome::invalid,
                          "",
                          "",
                          {},
                          {},
                          "no"}};
  const std::string text = to_text(comparison, 100, false);
  CHECK_THAT(text, Contains("cpu: no clear winner, take single-1x1 (0.98 x "
                            "prefork-2x1, 95 % interval 0.95 to 1.02): "
                            "because\n"));
  CHECK_THAT(text, Contains("block: no valid verdict: no\n"));
}

TEST_CASE("nothing measured is still a report", "[text]") {
  Comparison comparison;
  comparison.plan.app = "demo";
  comparison.verdicts = decide_verdicts(comparison.plan, {}, {}, {}, 2);
  const std::string text = to_text(comparison, 80, false);
  CHECK_THAT(text, Contains("overall: no valid verdict"));
  CHECK_THAT(text, !Contains("nan") && !Contains("inf"));
}

}  // namespace
}  // namespace launch::bench
