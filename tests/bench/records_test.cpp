#include "bench/compare/records.hpp"

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

TEST_CASE("bounds, failures and outcomes are written as the JSON says",
          "[records]") {
  CHECK(to_string(Bound::server) == "server");
  CHECK(to_string(Bound::generator) == "generator");
  CHECK(to_string(Bound::both) == "both");
  CHECK(to_string(Bound::neither) == "neither");
  CHECK(to_string(FailureKind::start) == "start");
  CHECK(to_string(FailureKind::answer) == "answer");
  CHECK(to_string(FailureKind::death) == "death");
  CHECK(to_string(VerdictOutcome::better) == "better");
  CHECK(to_string(VerdictOutcome::no_clear_winner) == "no_clear_winner");
  CHECK(to_string(VerdictOutcome::invalid) == "invalid");
}

TEST_CASE("a trial's costs are relative to its requests and time",
          "[records]") {
  Trial trial;
  trial.load.requests = 50'000;
  trial.load.duration_s = 0.5;
  trial.load.generator_cpu_s = 0.2;
  trial.load.generator_run_delay_s = 0.1;
  trial.server_cpu_s = 0.4;
  CHECK(trial.server_cpu_us_per_request() == Approx(8));
  CHECK(trial.generator_cpu_share() == Approx(0.4));
  CHECK(trial.generator_run_delay_share() == Approx(0.2));
}

TEST_CASE("a trial without answers or time divides by nothing", "[records]") {
  const Trial trial;
  CHECK(trial.server_cpu_us_per_request() == 0);
  CHECK(trial.generator_cpu_share() == 0);
  CHECK(trial.generator_run_delay_share() == 0);
}

}  // namespace
}  // namespace launch::bench
