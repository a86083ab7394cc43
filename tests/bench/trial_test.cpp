#include "bench/compare/trial.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/comparison.hpp"
#include "tests/support/fake_target.hpp"

namespace launch::bench {
namespace {

TEST_CASE("a worker's share is what it did in between", "[trial]") {
  const auto shares = shares_between({{1, 7, 100, 5, 5}, {2, 8, 50, 5, 5}},
                                     {{1, 7, 400, 9, 9}, {2, 8, 60, 5, 3}});
  REQUIRE(shares.size() == 2);
  CHECK(shares[0].requests == 300);
  CHECK(shares[0].connections == 9);
  CHECK(shares[0].pid == 7);
  CHECK(shares[1].requests == 10);
}

TEST_CASE("a worker that is new counts from zero", "[trial]") {
  const auto shares = shares_between({{1, 7, 100, 5, 5}},
                                     {{1, 7, 100, 5, 5}, {2, 9, 30, 1, 1}});
  REQUIRE(shares.size() == 2);
  CHECK(shares[0].requests == 0);
  CHECK(shares[1].requests == 30);
}

TEST_CASE("a count that went back is no share", "[trial]") {
  CHECK(shares_between({{1, 7, 100, 5, 5}}, {{1, 9, 40, 1, 1}})[0].requests ==
        0);
}

TEST_CASE("without counts at both ends nothing is known", "[trial]") {
  CHECK(shares_between({}, {{1, 7, 100, 5, 5}}).empty());
  CHECK(shares_between({{1, 7, 100, 5, 5}}, {}).empty());
}

/// A trial against a fake, with a load that takes a second of fake time.
struct FakeTrial {
  std::vector<std::string> log;
  FakeTarget target{log};
  Instruments instruments;
  ComparisonPlan plan;
  Contender its_contender = contender("single", 1, 1);
  Workload its_workload = workload("plain");
  std::atomic<bool> cancelled{false};
  LoadPlan seen;

  FakeTrial() {
    instruments.machine.cores = 2;
    instruments.host_time = [time = HostTime{}]() mutable {
      time.total += 200;
      time.steal += 8;
      time.busy += 145;
      return time;
    };
    instruments.load = [this](const LoadPlan& load, const LoadHooks& hooks,
                              const std::atomic<bool>*) {
      seen = load;
      hooks.on_begin();
      log.push_back("load");
      target.cpu += 0.95;
      hooks.on_end();
      LoadResult result;
      result.requests = 1000;
      result.duration_s = 1;
      result.generator_cpu_s = 0.2;
      return result;
    };
  }

  Trial run(int round = 1) {
    return run_trial(instruments, plan, its_contender, its_workload, round,
                     target, cancelled);
  }
};

TEST_CASE("a trial reads the server at the edges of the interval", "[trial]") {
  FakeTrial fake;
  fake.target.cpu = 7;  // spent before
  fake.target.counts = {{{1, 7, 10, 1, 64}}, {{1, 7, 1010, 1, 64}}};
  const Trial trial = fake.run(3);
  CHECK(trial.contender == "single-1x1");
  CHECK(trial.workload == "plain");
  CHECK(trial.round == 3);
  CHECK(trial.server_cpu_s == Approx(0.95));
  CHECK(trial.server_cpu_us_per_request() == Approx(950));
  CHECK(trial.pss_bytes == 5'000'000);
  CHECK(trial.startup_ms == 25);
  CHECK(trial.steal_share == Approx(0.04));
  // 1.45 s were used, 0.95 of it by the server, 0.2 by the generator.
  CHECK(trial.other_cpu_share == Approx(0.15));
  REQUIRE(trial.workers.size() == 1);
  CHECK(trial.workers[0].requests == 1000);
  CHECK(trial.bound == Bound::server);
}

TEST_CASE("the first counts are asked for, not waited for, before the load",
          "[trial]") {
  FakeTrial fake;
  fake.run();
  CHECK(fake.log == std::vector<std::string>{"ask", "load", "ask"});
}

TEST_CASE("the load is the workload's, with the plan's times", "[trial]") {
  FakeTrial fake;
  fake.plan.warmup = milliseconds{11};
  fake.plan.duration = milliseconds{22};
  fake.plan.timeout = milliseconds{33};
  fake.plan.seed = 100;
  fake.its_workload.connections = 5;
  fake.its_workload.mix.front().target = "/x";
  fake.run(2);
  CHECK(fake.seen.host == "127.0.0.1");
  CHECK(fake.seen.port == 4242);
  CHECK(fake.seen.warmup == milliseconds{11});
  CHECK(fake.seen.duration == milliseconds{22});
  CHECK(fake.seen.timeout == milliseconds{33});
  CHECK(fake.seen.connections == 5);
  CHECK(fake.seen.mix.front().target == "/x");
  CHECK(fake.seen.seed == 102);
}

}  // namespace
}  // namespace launch::bench
