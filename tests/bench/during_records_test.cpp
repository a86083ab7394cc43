#include "bench/during/during_records.hpp"

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

TEST_CASE("a trial adds up its phases", "[during]") {
  DuringTrial trial;
  trial.phases[0].answered = 1;
  trial.phases[1].answered = 20;
  trial.phases[2].answered = 300;
  trial.phases[1].lost.refused = 2;
  trial.phases[2].lost.refused = 3;
  trial.phases[2].lost.closed = 4;
  trial.phases[0].unsent = 5;
  trial.phases[2].unsent = 6;
  CHECK(trial.answered() == 321);
  CHECK(trial.lost().refused == 5);
  CHECK(trial.lost().closed == 4);
  CHECK(trial.unsent() == 11);
}

TEST_CASE("one loss that must not be is enough", "[during]") {
  DuringReport report;
  CHECK_FALSE(report.lost_what_must_not_be_lost());
  report.trials.resize(2);
  report.trials[0].losses.expected = 9;
  CHECK_FALSE(report.lost_what_must_not_be_lost());
  report.trials[1].losses.unexpected = 1;
  CHECK(report.lost_what_must_not_be_lost());
}

}  // namespace
}  // namespace launch::bench
