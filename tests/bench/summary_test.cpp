#include "bench/stats/summary.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/comparison.hpp"

namespace launch::bench {
namespace {

ComparisonPlan plan_of(std::vector<Contender> contenders,
                       std::vector<Workload> workloads) {
  ComparisonPlan plan;
  plan.contenders = std::move(contenders);
  plan.workloads = std::move(workloads);
  return plan;
}

const ComparisonPlan kPlan =
    plan_of({contender("single", 1, 1), contender("thread-pool", 1, 16)},
            {workload("plain"), workload("block")});

TEST_CASE("summaries stand in the plan's order", "[summary]") {
  std::vector<Trial> trials;
  add(trials, {"thread-pool-1x16", "block", {10}});
  add(trials, {"thread-pool-1x16", "plain", {10}});
  add(trials, {"single-1x1", "plain", {10}});
  const auto summaries = summarise(kPlan, trials, 2);
  REQUIRE(summaries.size() == 3);
  CHECK(summaries[0].workload == "plain");
  CHECK(summaries[0].contender == "single-1x1");
  CHECK(summaries[1].contender == "thread-pool-1x16");
  CHECK(summaries[2].workload == "block");
}

TEST_CASE("requests/s is the geometric mean of the rounds", "[summary]") {
  std::vector<Trial> trials;
  add(trials, {"single-1x1", "plain", {100, 400}});
  const Summary summary = summarise(kPlan, trials, 2).front();
  CHECK(summary.rounds == 2);
  CHECK(summary.requests_per_second.estimate == Approx(200));
  // 1 s of CPU: 10 000 us for 100 requests, 2 500 us for 400.
  CHECK(summary.server_cpu_us_per_request.estimate == Approx(5000));
}

TEST_CASE("percentiles come from merged histograms", "[summary]") {
  std::vector<Trial> trials;
  add(trials, {"single-1x1", "plain", {0, 0}});
  // 30 values of 10 and 10 of 1000: the mean of the rounds' medians is 505,
  // the median of all is 10.
  for (int i = 0; i < 30; ++i) trials[0].load.response_time_us.record(10);
  for (int i = 0; i < 10; ++i) trials[1].load.response_time_us.record(1000);
  const Summary summary = summarise(kPlan, trials, 2).front();
  CHECK(summary.response_time_us.p50 == 10.0);
  CHECK(summary.response_time_us.max == 1000.0);
  CHECK_FALSE(summary.response_time_us.p99);
}

TEST_CASE("nothing answered has no cost and no percentile", "[summary]") {
  std::vector<Trial> trials;
  add(trials, {"single-1x1", "plain", {0, 0}});
  trials[1].load.errors.status = 7;
  const Summary summary = summarise(kPlan, trials, 2).front();
  CHECK(summary.requests_per_second.estimate == 0);
  CHECK(summary.server_cpu_us_per_request.estimate == 0);
  CHECK_FALSE(summary.response_time_us.max);
  CHECK(summary.errors.status == 7);
  CHECK(summary.errors.total() == 7);
}

TEST_CASE("memory is the median, errors add up", "[summary]") {
  std::vector<Trial> trials;
  add(trials, {"single-1x1", "plain", {10, 10, 10}});
  trials[0].pss_bytes = 100;
  trials[1].pss_bytes = 900;
  trials[2].pss_bytes = 300;
  trials[0].load.errors.timeout = 1;
  trials[2].load.errors.timeout = 2;
  const Summary summary = summarise(kPlan, trials, 2).front();
  CHECK(summary.pss_bytes == 300);
  CHECK(summary.errors.timeout == 3);
}

TEST_CASE("busy is relative to the cores that the threads can use",
          "[summary]") {
  std::vector<Trial> trials;
  add(trials, {"single-1x1", "plain", {10}, 0.9});
  add(trials, {"thread-pool-1x16", "plain", {10}, 0.9});
  const auto summaries = summarise(kPlan, trials, 2);
  CHECK(summaries[0].busy_share == Approx(0.9));
  CHECK(summaries[1].busy_share == Approx(0.45));
}

TEST_CASE("uneven work shows in the busiest worker's share", "[summary]") {
  CHECK(busiest_share({{1, 7, 300, 32}, {2, 8, 100, 32}}) == Approx(1.5));
  CHECK(busiest_share({{1, 7, 200, 64}}) == Approx(1));
  CHECK(busiest_share({}) == 0);
  CHECK(busiest_share({{1, 7, 0, 1}, {2, 8, 0, 1}}) == 0);
}

TEST_CASE("workers are averaged over the rounds by id", "[summary]") {
  std::vector<Trial> trials;
  add(trials, {"single-1x1", "plain", {10, 10}});
  trials[0].workers = {{1, 7, 100, 20}, {2, 8, 300, 44}};
  trials[1].workers = {{2, 9, 100, 32}, {1, 6, 100, 32}};
  const Summary summary = summarise(kPlan, trials, 2).front();
  REQUIRE(summary.workers.size() == 2);
  CHECK(summary.workers[0].requests == Approx(100));
  CHECK(summary.workers[0].connections == Approx(26));
  CHECK(summary.workers[1].requests == Approx(200));
  // Of 1.5 and 1.0 the median is between them.
  CHECK(summary.busiest_worker_share == Approx(1.25));
}

TEST_CASE("the bound is that of most rounds", "[summary]") {
  std::vector<Trial> trials;
  add(trials, {"single-1x1", "plain", {10, 10, 10}});
  trials[0].bound = Bound::generator;
  trials[2].bound = Bound::generator;
  CHECK(summarise(kPlan, trials, 2).front().bound == Bound::generator);
}

TEST_CASE("a contender uses its threads' cores, if there are any",
          "[summary]") {
  CHECK(cores_of(contender("prefork", 2, 8), 4) == 4);
  CHECK(cores_of(contender("prefork", 2, 1), 4) == 2);
  CHECK(cores_of(contender("single", 1, 1), 4) == 1);
}

}  // namespace
}  // namespace launch::bench
