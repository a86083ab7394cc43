#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "bench/compare/records.hpp"
#include "bench/compare/verdict.hpp"
#include "bench/stats/summary.hpp"

// Made-up comparisons for tests of what is computed from them.

namespace launch::bench {

/// "thread-pool-1x16" and the like.
inline Contender contender(std::string mode, int workers, int threads) {
  Contender result;
  result.name =
      mode + '-' + std::to_string(workers) + 'x' + std::to_string(threads);
  result.argv = {"launch", "--mode", mode};
  result.mode = std::move(mode);
  result.workers = workers;
  result.threads = threads;
  return result;
}

inline Workload workload(std::string name) {
  Workload result;
  result.name = std::move(name);
  result.summary = "GET /";
  result.mix = {RequestKind{}};
  return result;
}

/// Trials of one contender under one workload, a second each.
struct Series {
  std::string contender;
  std::string workload;
  std::vector<std::uint64_t> requests;  ///< per round
  double server_cpu_s = 1;
  std::uint64_t pss_bytes = 4'000'000;
  Bound bound = Bound::server;
  double generator_cpu_s = 0.1;
};

inline void add(std::vector<Trial>& trials, const Series& series) {
  int round = 0;
  for (std::uint64_t requests : series.requests) {
    Trial trial;
    trial.contender = series.contender;
    trial.workload = series.workload;
    trial.round = ++round;
    trial.load.requests = requests;
    trial.load.duration_s = 1;
    trial.load.generator_cpu_s = series.generator_cpu_s;
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(requests, 100); ++i)
      trial.load.response_time_us.record(1000 + i);
    trial.server_cpu_s = series.server_cpu_s;
    trial.pss_bytes = series.pss_bytes;
    trial.startup_ms = 20;
    trial.bound = series.bound;
    trials.push_back(std::move(trial));
  }
}

/// A finished comparison of four contenders under two workloads.
inline Comparison finished_comparison() {
  Comparison comparison;
  comparison.plan.app = "demo";
  comparison.plan.contenders = {
      contender("single", 1, 1), contender("prefork", 2, 1),
      contender("thread-pool", 1, 2), contender("thread-pool", 1, 16)};
  comparison.plan.workloads = {workload("cpu"), workload("block")};
  comparison.plan.rounds = 3;
  comparison.plan.seed = 42;
  comparison.machine = {"AMD EPYC", 2, "Linux 6.1.0", 8'000'000'000, 0.25};
  std::vector<Trial>& trials = comparison.trials;
  add(trials, {"single-1x1", "cpu", {10000, 10100, 9900}, 0.97});
  add(trials, {"prefork-2x1", "cpu", {19300, 19500, 19100}, 1.9, 9'000'000});
  add(trials, {"thread-pool-1x2", "cpu", {17200, 17450, 17150}, 1.9});
  add(trials, {"thread-pool-1x16", "cpu", {15000, 15100, 14900}, 1.9});
  add(trials, {"single-1x1", "block", {98, 97, 98}, 0.02});
  add(trials, {"prefork-2x1", "block", {195, 196, 195}, 0.04, 9'000'000});
  add(trials, {"thread-pool-1x2", "block", {196, 195, 196}, 0.04});
  add(trials, {"thread-pool-1x16", "block", {1530, 1520, 1535}, 0.3});
  for (Trial& trial : trials)
    trial.workers = {{1, 100, trial.load.requests, 64}};
  comparison.summary = summarise(comparison.plan, trials, 2);
  comparison.verdicts =
      decide_verdicts(comparison.plan, comparison.summary, trials, {}, 2);
  return comparison;
}

}  // namespace launch::bench
