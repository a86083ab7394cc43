#include "bench/compare/warnings.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/comparison.hpp"

namespace launch::bench {
namespace {

/// Two contenders, three undisturbed rounds.
struct Undisturbed : Comparison {
  Undisturbed() {
    plan.contenders = {contender("single", 1, 1), contender("prefork", 2, 1)};
    plan.workloads = {workload("plain")};
    machine.cores = 2;
    add(trials, {"single-1x1", "plain", {100, 100, 100}});
    add(trials, {"prefork-2x1", "plain", {100, 100, 100}});
    for (Trial& trial : trials)
      trial.workers = {{1, 7, 50, 32}, {2, 8, 50, 32}};
  }

  std::vector<std::string> warn() {
    summary = summarise(plan, trials, machine.cores);
    return find_warnings(*this);
  }
};

TEST_CASE("an undisturbed comparison warns of nothing", "[warnings]") {
  CHECK(Undisturbed().warn().empty());
  CHECK(find_warnings(Comparison{}).empty());
}

TEST_CASE("errors are told with the first of them", "[warnings]") {
  Undisturbed comparison;
  comparison.trials[1].load.errors.read = 2;
  comparison.trials[1].load.first_error = "GET /: closed";
  comparison.trials[2].load.errors.status = 1;
  CHECK(comparison.warn() ==
        std::vector<std::string>{
            "plain: 3 of single-1x1's requests failed and are not part of its "
            "requests/s; GET /: closed"});
}

TEST_CASE("a trial without any answer says what was missing", "[warnings]") {
  Undisturbed comparison;
  comparison.trials[0].load.requests = 0;
  comparison.trials[0].load.first_error = "no answer came within 800 ms";
  CHECK(comparison.warn() ==
        std::vector<std::string>{
            "plain: single-1x1 gave no good answer in a round, so it is not "
            "ranked; no answer came within 800 ms"});
}

TEST_CASE("the generator as the limit is told per workload", "[warnings]") {
  Undisturbed comparison;
  for (Trial& trial : comparison.trials) trial.bound = Bound::generator;
  CHECK(comparison.warn() ==
        std::vector<std::string>{"plain: the load generator, not the server, "
                                 "was the limit for single-1x1 and "
                                 "prefork-2x1"});
}

TEST_CASE("a generator that waited for a core is told", "[warnings]") {
  Undisturbed comparison;
  for (std::size_t i = 3; i < 6; ++i)
    comparison.trials[i].load.generator_run_delay_s = 0.3;
  CHECK(comparison.warn() ==
        std::vector<std::string>{"plain: the load generator had to wait for a "
                                 "core under prefork-2x1 (30 % of the time)"});
}

TEST_CASE("time taken by the host is told", "[warnings]") {
  Undisturbed comparison;
  comparison.trials[0].steal_share = 0.24;
  CHECK(comparison.warn() ==
        std::vector<std::string>{
            "the host took 4 % of this machine's CPU time away, up to 24 % of "
            "a trial: repeat the run when it is less busy"});
}

TEST_CASE("CPU time that other programs used is told", "[warnings]") {
  Undisturbed comparison;
  for (Trial& trial : comparison.trials) trial.other_cpu_share = 0.1;
  CHECK(comparison.warn().empty());
  for (Trial& trial : comparison.trials) trial.other_cpu_share = 0.3;
  CHECK(comparison.warn() ==
        std::vector<std::string>{
            "other programs used 30 % of this machine's CPU time during the "
            "trials: repeat the run when it is less busy"});
}

TEST_CASE("uneven work is told", "[warnings]") {
  Undisturbed comparison;
  for (std::size_t i = 3; i < 6; ++i)
    comparison.trials[i].workers = {{1, 7, 75, 32}, {2, 8, 25, 32}};
  CHECK(comparison.warn() ==
        std::vector<std::string>{"plain: the busiest worker had more than its "
                                 "share in prefork-2x1 (1.50 times the mean)"});
}

TEST_CASE("missing counts are told", "[warnings]") {
  Undisturbed comparison;
  for (std::size_t i = 3; i < 6; ++i) comparison.trials[i].workers.clear();
  CHECK(comparison.warn() ==
        std::vector<std::string>{
            "plain: no requests per worker are known of prefork-2x1"});
}

TEST_CASE("response times as long as the trial are told", "[warnings]") {
  Undisturbed comparison;
  comparison.plan.duration = milliseconds{800};
  comparison.trials[1].load.response_time_us.record(549'000);
  CHECK(comparison.warn() ==
        std::vector<std::string>{
            "plain: response times near the length of a trial are cut off, a "
            "longer one would show more of single-1x1 (549ms)"});
}

TEST_CASE("a busy machine and few rounds are told", "[warnings]") {
  Undisturbed comparison;
  comparison.machine.load_average = 1.5;
  std::erase_if(comparison.trials,
                [](const Trial& trial) { return trial.round > 2; });
  const auto warnings = comparison.warn();
  REQUIRE(warnings.size() == 2);
  CHECK_THAT(warnings[0], Catch::Contains("load average 1.50 on 2 cores"));
  CHECK_THAT(warnings[1], Catch::StartsWith("2 rounds"));
}

}  // namespace
}  // namespace launch::bench
