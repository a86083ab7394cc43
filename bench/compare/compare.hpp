#pragma once

#include <atomic>
#include <string>

#include "bench/compare/records.hpp"

namespace launch::bench {

/// Told what happens while a comparison runs; cli/ draws it.
struct Progress {
  virtual ~Progress() = default;
  /// A trial begins: number `done` + 1 of `total`.
  virtual void on_trial(const std::string& contender,
                        const std::string& workload, int round, int done,
                        int total, milliseconds time_left) = 0;
  virtual void on_trial_end(const Trial& trial) = 0;
  virtual void on_failure(const Failure& failure) = 0;
};

/// Runs every round: each contender once, in random order, started afresh and
/// taken through every workload; then summaries and verdicts. A contender that
/// cannot be started, or whose first answers are all errors, is a Failure and
/// left out of later rounds. Setting `*cancelled` ends it early: what was
/// finished is summarised.
Comparison compare(const ComparisonPlan& plan, Progress& progress,
                   const std::atomic<bool>& cancelled);

}  // namespace launch::bench
