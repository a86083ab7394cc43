#include <sstream>

#include "bench/report/during_report.hpp"
#include "bench/report/layout.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/during_report.hpp"

namespace launch::bench {
namespace {

using namespace std::chrono_literals;
using Catch::Contains;

std::string verdict(const DuringReport& report, std::size_t trial = 0) {
  return verdict_text(report.plan, report.trials[trial]);
}

TEST_CASE("a verdict says how often, how much and how long", "[text]") {
  const DuringReport report = reloads();
  CHECK(verdict(report) ==
        "200 reloads, 0 of 48 211 requests lost, longest gap 12.0ms");
}

TEST_CASE("a verdict says how long one took where that is known", "[text]") {
  DuringReport report = reloads();
  report.trials[0].took_us = {112'000, 140'000, 90'000};
  CHECK_THAT(verdict(report),
             Catch::StartsWith("200 reloads (112ms each, at most 140ms), 0 "));
}

TEST_CASE("a verdict names the causes of what must not be lost", "[text]") {
  DuringReport report = reloads();
  lose(report, 30, 3);
  CHECK(verdict(report) ==
        "200 reloads, 33 of 48 244 requests lost (30 refused, 3 closed or "
        "reset), longest gap 12.0ms; 33 must not be lost");
}

TEST_CASE("a verdict tells what dead workers held", "[text]") {
  DuringReport report = reloads();
  report.plan.event = *find_event("kill");
  report.plan.times = report.trials[0].times = 6;
  report.trials[0].held = 21;
  lose(report, 0, 20);
  CHECK(verdict(report) ==
        "6 killed workers, 20 of 48 231 requests lost (20 closed or reset), "
        "longest gap 12.0ms; the killed workers held 21 connections");
  lose(report, 0, 22);
  CHECK_THAT(verdict(report),
             Catch::EndsWith("; the killed workers held 21 connections; 1 must "
                             "not be lost"));
}

TEST_CASE("a verdict excuses refusals while there is no server", "[text]") {
  DuringReport report = reloads();
  report.plan.event = *find_event("stop");
  lose(report, 30, 0);
  CHECK_THAT(verdict(report),
             Catch::EndsWith("; there was no server to take them"));
}

TEST_CASE("a verdict on silent connections says why one may be lost",
          "[text]") {
  DuringReport report = reloads();
  lose(report, 0, 2, 2);
  CHECK_THAT(verdict(report), Catch::EndsWith("; a request may cross the close "
                                              "of a silent connection"));
}

TEST_CASE("an unfinished trial says of how many", "[text]") {
  DuringReport report = reloads();
  report.trials[0].times = 12;
  CHECK_THAT(verdict(report), Catch::StartsWith("12 of 200 reloads, "));
  CHECK_THAT(to_text(report, 100, false),
             Contains("launch, close: unfinished: 12 of 200 reloads, "));
}

TEST_CASE("the report has three rows for each trial, and a verdict", "[text]") {
  const std::string text = to_text(reloads(), 100, false);
  CHECK_THAT(text, Contains("demo on AMD EPYC, 2 cores"));
  CHECK_THAT(text, Contains("close - a new connection per request (64 "
                            "at a time), GET /, during 200 reloads"));
  CHECK_THAT(text, Contains("  launch before"));
  CHECK_THAT(text, Contains("         during"));
  CHECK_THAT(text, Contains("         after"));
  CHECK_THAT(text, Contains("Verdict\n  launch, close: passed: 200 reloads, "));
  CHECK_THAT(text, !Contains("Failed") && !Contains("interrupted"));
  CHECK_THAT(text, !Contains("\x1b["));
}

TEST_CASE("the report fits a narrow terminal", "[text]") {
  std::istringstream lines(to_text(reloads(), 80, false));
  for (std::string line; std::getline(lines, line);)
    CHECK(display_width(line) <= 80);
}

TEST_CASE("failures, notes and the first loss are shown", "[text]") {
  DuringReport report = reloads();
  lose(report, 1, 0);
  report.trials[0].notes = {"worker 2 was not replaced"};
  report.trials[0].first_error = "connecting failed";
  report.trials[0].phases[1].unsent = 7;
  report.failures = {{"nginx", FailureKind::start, "is not installed"}};
  report.interrupted = true;
  const std::string text = to_text(report, 120, true);
  CHECK_THAT(text, Contains("\x1b[1;31mfailed\x1b[0m"));
  CHECK_THAT(text, Contains("    worker 2 was not replaced\n"));
  CHECK_THAT(text, Contains("    the first loss: connecting failed\n"));
  CHECK_THAT(text, Contains("    7 requests were never sent"));
  CHECK_THAT(text, Contains("  nginx: is not installed\n"));
  CHECK_THAT(text, Contains("interrupted: only what was finished follows"));
}

TEST_CASE("a run without a trial is still a report", "[text]") {
  DuringReport report = reloads();
  report.trials.clear();
  const std::string text = to_text(report, 80, false);
  CHECK_THAT(text, !Contains("Verdict") && !Contains("lost"));
}

}  // namespace
}  // namespace launch::bench
