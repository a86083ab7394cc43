#include "bench/compare/verdict.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/comparison.hpp"

namespace launch::bench {
namespace {

constexpr int kCores = 2;

/// Contenders and trials from which verdicts are decided.
struct Case {
  ComparisonPlan plan;
  std::vector<Trial> trials;
  std::vector<Failure> failures;

  explicit Case(std::vector<std::string> workloads) {
    plan.contenders = {contender("single", 1, 1), contender("prefork", 2, 1),
                       contender("thread-pool", 1, 2),
                       contender("thread-pool", 1, 16)};
    plan.duration = milliseconds{1000};
    for (std::string& name : workloads)
      plan.workloads.push_back(workload(std::move(name)));
  }

  std::vector<Verdict> decide() const {
    return decide_verdicts(plan, summarise(plan, trials, kCores), trials,
                           failures, kCores);
  }
};

Case blocking() {
  Case c({"block"});
  add(c.trials, {"single-1x1", "block", {98, 97, 98}, 0.02});
  add(c.trials, {"prefork-2x1", "block", {195, 196, 195}, 0.04});
  add(c.trials, {"thread-pool-1x2", "block", {196, 195, 196}, 0.04});
  add(c.trials, {"thread-pool-1x16", "block", {1530, 1520, 1535}, 0.3});
  return c;
}

TEST_CASE("a clear lead makes a winner, relative to single", "[verdict]") {
  const Verdict verdict = blocking().decide().front();
  CHECK(verdict.workload == "block");
  CHECK(verdict.objective == "requests_per_second");
  CHECK(verdict.outcome == VerdictOutcome::better);
  CHECK(verdict.winner == "thread-pool-1x16");
  CHECK(verdict.compared_to == "single-1x1");
  // 1530/98, 1520/97 and 1535/98 are 15.61, 15.67 and 15.66.
  CHECK(verdict.factor.estimate == Approx(15.65).epsilon(0.001));
  CHECK(verdict.ties.empty());
}

TEST_CASE("blocking is named as the reason", "[verdict]") {
  const Verdict verdict = blocking().decide().front();
  CHECK(verdict.reason ==
        "handlers are blocked 98 % of the time (a thread burns 2 % CPU), so "
        "thread-pool-1x16 (16 threads) serves 15.6 times as many requests as "
        "single-1x1 (1)");
}

Case cpu_bound() {
  Case c({"cpu"});
  add(c.trials, {"single-1x1", "cpu", {1000, 1010, 990}, 0.97});
  add(c.trials, {"prefork-2x1", "cpu", {1930, 1950, 1910}, 1.9, 9'000'000});
  add(c.trials, {"thread-pool-1x2", "cpu", {1920, 1945, 1915}, 1.9});
  add(c.trials, {"thread-pool-1x16", "cpu", {1500, 1510, 1490}, 1.9});
  return c;
}

TEST_CASE("of equals the one with fewer processes is taken", "[verdict]") {
  const Verdict verdict = cpu_bound().decide().front();
  CHECK(verdict.outcome == VerdictOutcome::no_clear_winner);
  CHECK(verdict.winner == "thread-pool-1x2");
  CHECK(verdict.ties == std::vector<std::string>{"prefork-2x1"});
  CHECK(verdict.compared_to == "single-1x1");
}

TEST_CASE("a busy core is named as the reason", "[verdict]") {
  // The memory of prefork is 9.0 / 4.0 = 2.25 times as much.
  CHECK(cpu_bound().decide().front().reason ==
        "the handlers keep a core 97 % busy, so the second thread uses the "
        "second core: thread-pool-1x2 (2 threads) serves 1.93 times as many "
        "requests as single-1x1 (1), and prefork-2x1 needs 2.25 times the "
        "memory for the same");
}

TEST_CASE("of equals without more processes, memory decides, then threads",
          "[verdict]") {
  Case c({"plain"});
  add(c.trials, {"single-1x1", "plain", {100, 101, 99}, 0.9, 5'000'000});
  add(c.trials, {"thread-pool-1x2", "plain", {102, 100, 101}, 0.9, 4'900'000});
  add(c.trials, {"thread-pool-1x16", "plain", {101, 99, 100}, 0.9, 4'800'000});
  CHECK(c.decide().front().winner == "single-1x1");
  for (Trial& trial : c.trials)
    if (trial.contender == "single-1x1") trial.pss_bytes = 9'000'000;
  CHECK(c.decide().front().winner == "thread-pool-1x2");
}

TEST_CASE("a winner that is single is relative to the runner-up", "[verdict]") {
  Case c({"plain"});
  add(c.trials, {"single-1x1", "plain", {200, 202, 198}, 0.9});
  add(c.trials, {"prefork-2x1", "plain", {100, 101, 99}, 0.9});
  add(c.trials, {"thread-pool-1x2", "plain", {120, 121, 119}, 0.9});
  const Verdict verdict = c.decide().front();
  CHECK(verdict.outcome == VerdictOutcome::better);
  CHECK(verdict.winner == "single-1x1");
  CHECK(verdict.compared_to == "thread-pool-1x2");
  CHECK(verdict.factor.estimate == Approx(200.0 / 120).epsilon(0.001));
}

TEST_CASE("a tie far behind in the mean is not recommended", "[verdict]") {
  Case c({"plain"});
  add(c.trials, {"single-1x1", "plain", {100, 400, 100}, 0.9});
  add(c.trials, {"prefork-2x1", "plain", {300, 380, 320}, 0.9});
  const Verdict verdict = c.decide().front();
  CHECK(verdict.outcome == VerdictOutcome::no_clear_winner);
  CHECK(verdict.winner == "prefork-2x1");
  CHECK(verdict.ties == std::vector<std::string>{"single-1x1"});
  CHECK_THAT(verdict.reason,
             Catch::Contains("3 rounds cannot tell it from single-1x1"));
}

TEST_CASE("a contender with errors is not recommended among equals",
          "[verdict]") {
  Case c = cpu_bound();
  for (Trial& trial : c.trials)
    if (trial.contender == "thread-pool-1x2") trial.load.errors.read = 20;
  CHECK(c.decide().front().winner == "prefork-2x1");
}

TEST_CASE("one round cannot tell", "[verdict]") {
  Case c = blocking();
  std::erase_if(c.trials, [](const Trial& t) { return t.round > 1; });
  const Verdict verdict = c.decide().front();
  CHECK(verdict.outcome == VerdictOutcome::no_clear_winner);
  CHECK(verdict.winner == "thread-pool-1x16");
  CHECK_FALSE(verdict.factor.low);
  CHECK(verdict.ties.size() == 3);
  CHECK_THAT(verdict.reason, Catch::StartsWith("one round cannot tell"));
}

Case generator_bound() {
  Case c({"plain", "cpu"});
  add(c.trials, {"single-1x1", "plain", {1000, 1000, 1000}, 0.006});
  add(c.trials, {"prefork-2x1",
                 "plain",
                 {1000, 1010, 990},
                 0.0088,
                 4'000'000,
                 Bound::generator});
  for (const Trial& trial : cpu_bound().trials) c.trials.push_back(trial);
  return c;
}

TEST_CASE("where the generator is the limit, requests/s rank nothing",
          "[verdict]") {
  const Verdict verdict = generator_bound().decide().front();
  CHECK(verdict.outcome == VerdictOutcome::invalid);
  CHECK(verdict.winner.empty());
  CHECK(verdict.compared_to.empty());
  // 0.006 s for 1000 requests against 0.0088 s.
  CHECK(verdict.reason ==
        "the load generator was the limit for prefork-2x1: requests/s cannot "
        "rank these; by server CPU per request single-1x1 is the cheapest "
        "(6us)");
}

TEST_CASE("a workload without a verdict is left out of the overall one",
          "[verdict]") {
  const Verdict overall = generator_bound().decide().back();
  CHECK(overall.workload == "overall");
  CHECK(overall.winner == "thread-pool-1x2");
  CHECK_THAT(overall.reason, Catch::StartsWith("over cpu ") &&
                                 Catch::Contains("without plain"));
}

TEST_CASE("a clear leader that the generator holds back still leads",
          "[verdict]") {
  Case c = blocking();
  for (Trial& trial : c.trials)
    if (trial.contender == "thread-pool-1x16") trial.bound = Bound::generator;
  const Verdict verdict = c.decide().front();
  CHECK(verdict.outcome == VerdictOutcome::better);
  CHECK_THAT(verdict.reason, Catch::Contains("it may be more"));
}

TEST_CASE("the overall verdict multiplies over workloads", "[verdict]") {
  Case c({"block", "cpu"});
  for (const Case& part : {blocking(), cpu_bound()})
    for (const Trial& trial : part.trials) c.trials.push_back(trial);
  const Verdict overall = c.decide().back();
  CHECK(overall.outcome == VerdictOutcome::better);
  CHECK(overall.winner == "thread-pool-1x16");
  // sqrt(15.65 * 1.5)
  CHECK(overall.factor.estimate == Approx(4.845).epsilon(0.001));
  CHECK_THAT(overall.reason,
             Catch::StartsWith("over block and cpu thread-pool-1x16 serves "
                               "4.84 times as many requests as single-1x1 "
                               "(geometric mean)") &&
                 Catch::Contains("best or as good as the best in block"));
}

TEST_CASE("a contender that failed wins nothing", "[verdict]") {
  Case c = blocking();
  c.failures.push_back(
      {"thread-pool-1x16", FailureKind::death, "ended with signal 11"});
  const Verdict verdict = c.decide().front();
  CHECK(verdict.winner == "thread-pool-1x2");
}

TEST_CASE("when all failed there is nothing to compare", "[verdict]") {
  const Case c({"plain"});
  for (const Verdict& verdict : c.decide()) {
    CHECK(verdict.outcome == VerdictOutcome::invalid);
    CHECK(verdict.winner.empty());
    CHECK_FALSE(verdict.reason.empty());
  }
}

TEST_CASE("one contender alone is no comparison", "[verdict]") {
  Case c({"plain"});
  add(c.trials, {"single-1x1", "plain", {100, 101, 99}});
  const Verdict verdict = c.decide().front();
  CHECK(verdict.outcome == VerdictOutcome::no_clear_winner);
  CHECK(verdict.winner == "single-1x1");
  CHECK(verdict.compared_to.empty());
  CHECK(verdict.reason ==
        "only single-1x1 was measured, so there is nothing to compare");
}

TEST_CASE("an interrupted comparison is judged by what was finished",
          "[verdict]") {
  Case c = blocking();
  c.plan.workloads.push_back(workload("cpu"));  // never reached
  c.trials.pop_back();
  const auto verdicts = c.decide();
  REQUIRE(verdicts.size() == 3);
  CHECK(verdicts[0].winner == "thread-pool-1x16");
  CHECK(verdicts[1].outcome == VerdictOutcome::invalid);
  CHECK(verdicts[2].winner == "thread-pool-1x16");
}

}  // namespace
}  // namespace launch::bench
