#pragma once

#include <cstdint>

#include "bench/during/during_records.hpp"

// A made-up run for tests of what is told of it.

namespace launch::bench {

/// 200 reloads of one contender without a loss.
inline DuringReport reloads() {
  DuringReport report;
  report.plan.app = "demo";
  report.plan.event = *find_event("reload");
  report.plan.times = 200;
  report.plan.contenders.resize(1);
  report.plan.contenders[0].name = "launch";
  report.plan.contenders[0].argv = {"launch", "demo"};
  report.plan.loads = {*find_load_kind("close")};
  report.machine = {"AMD EPYC", 2, "Linux 6.1.0", 8'000'000'000, 0.25};
  DuringTrial trial;
  trial.contender = "launch";
  trial.load = "close";
  trial.times = 200;
  trial.phases[0].answered = 1000;
  trial.phases[1].answered = 46'211;
  trial.phases[2].answered = 1000;
  for (PhaseRecord& phase : trial.phases) {
    phase.duration_s = 1;
    phase.longest_gap = milliseconds{2};
    for (std::uint64_t i = 0; i < 1000; ++i)
      phase.response_time_us.record(1000 + i);
  }
  trial.phases[1].longest_gap = milliseconds{12};
  report.trials.push_back(trial);
  return report;
}

/// What its trial lost while the event was repeated, and how much of it where
/// silent connections crossed a close.
inline void lose(DuringReport& report, std::uint64_t refused,
                 std::uint64_t closed, std::uint64_t crossing = 0) {
  DuringTrial& trial = report.trials[0];
  trial.phases[1].lost = {};
  trial.phases[1].lost.refused = refused;
  trial.phases[1].lost.closed = closed;
  trial.losses =
      account(report.plan.event.allowed, trial.lost(), trial.held, crossing);
}

}  // namespace launch::bench
