#include "cli/during_command.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/during_report.hpp"

using namespace launch;
using namespace launch::cli;

TEST_CASE("a run without a loss that matters is a success", "[during]") {
  bench::DuringReport report = bench::reloads();
  CHECK(exit_code_of(report) == ExitCode::ok);
  report.trials[0].losses.expected = 5;
  CHECK(exit_code_of(report) == ExitCode::ok);
}

TEST_CASE("lost requests have an exit code of their own", "[during]") {
  bench::DuringReport report = bench::reloads();
  bench::lose(report, 1, 0);
  CHECK(exit_code_of(report) == ExitCode::requests_lost);
  report.failures = {{"other", bench::FailureKind::start, "not there"}};
  CHECK(exit_code_of(report) == ExitCode::requests_lost);
  report.interrupted = true;
  CHECK(exit_code_of(report) == ExitCode::interrupted);
}

TEST_CASE("failures of a contender have those of a comparison", "[during]") {
  bench::DuringReport report = bench::reloads();
  report.failures = {{"it", bench::FailureKind::start, "not there"}};
  CHECK(exit_code_of(report) == ExitCode::app_failed);
  report.failures = {{"it", bench::FailureKind::event, "not over"}};
  CHECK(exit_code_of(report) == ExitCode::failed);
  CHECK(exit_code_of(bench::DuringReport{}) == ExitCode::failed);
}
