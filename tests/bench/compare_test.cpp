#include "bench/compare/compare.hpp"

#include <algorithm>
#include <set>

#include "bench/compare/instruments.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/comparison.hpp"
#include "tests/support/fake_target.hpp"

namespace launch::bench {
namespace {

/// A comparison of fakes on a hand-moved clock. What happens is written down
/// as "start single-1x1", "plain", "stop", in this order.
class FakeRun : public Progress {
 public:
  FakeRun() {
    plan.contenders = {contender("single", 1, 1), contender("prefork", 2, 1),
                       contender("thread-pool", 1, 16)};
    plan.workloads = {workload("plain"), workload("block")};
    plan.workloads[1].mix.front().target = "/block";
    plan.rounds = 3;
    plan.warmup = milliseconds{200};
    plan.duration = milliseconds{800};
    instruments.machine.cores = 2;
    instruments.host_time = [] { return HostTime{}; };
    instruments.now = [this] { return now; };
    instruments.start = [this](const Contender& c, milliseconds limit) {
      return start(c, limit);
    };
    instruments.probe = [this](const std::string&, std::uint16_t,
                               const RequestKind& kind,
                               milliseconds) { return probe(kind); };
    instruments.load = [this](const LoadPlan& load, const LoadHooks& hooks,
                              const std::atomic<bool>*) {
      return drive(load, hooks);
    };
  }

  Comparison run() { return compare_with(instruments, plan, *this, cancelled); }

  std::vector<std::string> starts() const {
    std::vector<std::string> names;
    for (const std::string& entry : log)
      if (entry.starts_with("start ")) names.push_back(entry.substr(6));
    return names;
  }

  void on_trial(const std::string& name, const std::string& its_workload, int,
                int done, int total, milliseconds time_left) override {
    log.push_back(its_workload);
    current = name;
    progress.push_back({done, total, time_left});
  }
  void on_trial_end(const Trial&) override { ++ended; }
  void on_failure(const Failure& failure) override {
    failures.push_back(failure.contender + ": " + failure.reason);
  }

  struct Step {
    int done;
    int total;
    milliseconds left;
  };

  ComparisonPlan plan;
  Instruments instruments;
  std::atomic<bool> cancelled{false};
  Clock::time_point now{};
  std::vector<std::string> log;
  std::vector<Step> progress;
  std::vector<std::string> failures;
  int ended = 0;

  std::string refuses_to_start;  ///< contender
  std::string answers_badly;     ///< contender
  std::string dies;              ///< contender, in the trial it is in
  int cancel_in_load = 0;        ///< the n-th load is interrupted
  std::optional<std::string> forced;

 private:
  std::unique_ptr<Target> start(const Contender& c, milliseconds) {
    log.push_back("start " + c.name);
    current = c.name;
    if (c.name == refuses_to_start)
      throw StartError("ended with exit code 3 before it was ready");
    auto target = std::make_unique<FakeTarget>(log_of_target);
    target->forced = forced;
    running = target.get();
    return target;
  }

  std::optional<std::string> probe(const RequestKind& kind) {
    probed.push_back(current + ' ' + kind.target);
    if (current == answers_badly) return "GET / answered 404";
    return std::nullopt;
  }

  LoadResult drive(const LoadPlan&, const LoadHooks& hooks) {
    hooks.on_begin();
    now += milliseconds{1000};
    running->cpu += 0.5;
    hooks.on_end();
    LoadResult result;
    result.duration_s = 0.8;
    result.requests = current == "single-1x1" ? 800 : 1600;
    if (++loads == cancel_in_load) {
      cancelled = true;
      result.interrupted = true;
    }
    if (current == dies) {
      running->dead = "ended with signal 11 while it was measured";
      result.errors.read = 64;
    }
    return result;
  }

 public:
  std::vector<std::string> probed;
  std::vector<std::string> log_of_target;
  std::string current;
  FakeTarget* running = nullptr;
  int loads = 0;
};

TEST_CASE("each round starts every contender once, for all workloads",
          "[compare]") {
  FakeRun fake;
  const Comparison comparison = fake.run();
  REQUIRE(fake.log.size() == 3 * 3 * 3);  // start, plain, block
  for (std::size_t round = 0; round < 3; ++round) {
    std::set<std::string> started;
    for (std::size_t i = 0; i < 3; ++i) {
      const std::size_t at = round * 9 + i * 3;
      started.insert(fake.log[at]);
      CHECK(fake.log[at + 1] == "plain");
      CHECK(fake.log[at + 2] == "block");
    }
    CHECK(started == std::set<std::string>{"start single-1x1",
                                           "start prefork-2x1",
                                           "start thread-pool-1x16"});
  }
  CHECK(comparison.trials.size() == 18);
  CHECK(fake.ended == 18);
  CHECK(comparison.summary.size() == 6);
  CHECK(comparison.verdicts.size() == 3);
  CHECK_FALSE(comparison.interrupted);
  CHECK(std::count(fake.log_of_target.begin(), fake.log_of_target.end(),
                   "stop") == 9);
}

TEST_CASE("a seed gives the same order again, another one another",
          "[compare]") {
  const auto order = [](std::uint64_t seed) {
    FakeRun fake;
    fake.plan.rounds = 8;
    fake.plan.seed = seed;
    fake.run();
    return fake.starts();
  };
  CHECK(order(7) == order(7));
  CHECK(order(7) != order(8));
}

TEST_CASE("the order is not the same in every round", "[compare]") {
  FakeRun fake;
  fake.plan.rounds = 8;
  fake.run();
  std::set<std::string> first;
  const auto starts = fake.starts();
  for (std::size_t i = 0; i < starts.size(); i += 3) first.insert(starts[i]);
  CHECK(first.size() > 1);
}

TEST_CASE("each kind of request is probed once per contender", "[compare]") {
  FakeRun fake;
  fake.plan.contenders.resize(1);
  fake.plan.workloads.push_back(workload("plain again"));
  fake.run();
  CHECK(fake.probed ==
        std::vector<std::string>{"single-1x1 /", "single-1x1 /block"});
}

TEST_CASE("a contender that does not start leaves the others", "[compare]") {
  FakeRun fake;
  fake.refuses_to_start = "prefork-2x1";
  const Comparison comparison = fake.run();
  CHECK(fake.failures ==
        std::vector<std::string>{
            "prefork-2x1: ended with exit code 3 before it was ready"});
  CHECK(fake.starts().size() == 1 + 2 * 3);
  CHECK(comparison.trials.size() == 12);
  REQUIRE(comparison.failures.size() == 1);
  CHECK(comparison.failures[0].kind == FailureKind::start);
  CHECK(comparison.verdicts.front().winner == "thread-pool-1x16");
}

TEST_CASE("a contender that answers badly gets no trial", "[compare]") {
  FakeRun fake;
  fake.answers_badly = "thread-pool-1x16";
  const Comparison comparison = fake.run();
  CHECK(fake.failures ==
        std::vector<std::string>{"thread-pool-1x16: GET / answered 404"});
  CHECK(comparison.failures.at(0).kind == FailureKind::answer);
  for (const Trial& trial : comparison.trials)
    CHECK(trial.contender != "thread-pool-1x16");
}

TEST_CASE("a contender that dies keeps its trial and its errors", "[compare]") {
  FakeRun fake;
  fake.dies = "thread-pool-1x16";
  const Comparison comparison = fake.run();
  CHECK(fake.failures ==
        std::vector<std::string>{"thread-pool-1x16: ended with signal 11 "
                                 "while it was measured"});
  CHECK(comparison.failures.at(0).kind == FailureKind::death);
  std::uint64_t errors = 0;
  int its_trials = 0;
  for (const Trial& trial : comparison.trials) {
    if (trial.contender != "thread-pool-1x16") continue;
    ++its_trials;
    errors += trial.load.errors.read;
  }
  CHECK(its_trials == 1);
  CHECK(errors == 64);
  CHECK(comparison.trials.size() == 13);
  CHECK(comparison.verdicts.front().winner == "prefork-2x1");
}

TEST_CASE("when nobody starts there is nothing but failures", "[compare]") {
  FakeRun fake;
  fake.plan.contenders.resize(1);
  fake.refuses_to_start = "single-1x1";
  const Comparison comparison = fake.run();
  CHECK(comparison.trials.empty());
  CHECK(comparison.failures.size() == 1);
  CHECK(comparison.verdicts.back().outcome == VerdictOutcome::invalid);
}

TEST_CASE("cancelling keeps what was finished", "[compare]") {
  FakeRun fake;
  fake.cancel_in_load = 8;
  const Comparison comparison = fake.run();
  CHECK(comparison.interrupted);
  CHECK(comparison.trials.size() == 7);
  CHECK(comparison.summary.size() == 6);
  CHECK(fake.log_of_target.back() == "stop");
}

TEST_CASE("the time left follows from what was taken so far", "[compare]") {
  FakeRun fake;
  fake.run();
  REQUIRE(fake.progress.size() == 18);
  CHECK(fake.progress[0].done == 0);
  CHECK(fake.progress[0].total == 18);
  // 18 times 1 s of load and half of a restart.
  CHECK(fake.progress[0].left == milliseconds{18 * 1150});
  CHECK(fake.progress[8].done == 8);
  CHECK(fake.progress[8].left == milliseconds{10'000});
  CHECK(fake.progress[17].left == milliseconds{1000});
}

TEST_CASE("what a failed contender would have taken is not to come",
          "[compare]") {
  FakeRun fake;
  fake.dies = "prefork-2x1";
  fake.run();
  CHECK(fake.progress.back().done + 1 == fake.progress.back().total);
  CHECK(fake.progress.back().total == 13);
}

TEST_CASE("a server that had to be killed is warned of", "[compare]") {
  FakeRun fake;
  fake.plan.contenders.resize(1);
  fake.plan.rounds = 3;
  fake.forced = "did not stop within 10 s and was killed";
  const auto warnings = fake.run().warnings;
  CHECK(std::count(warnings.begin(), warnings.end(),
                   "single-1x1 did not stop within 10 s and was killed") == 3);
}

}  // namespace
}  // namespace launch::bench
