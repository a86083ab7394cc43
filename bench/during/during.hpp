#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "bench/during/during_records.hpp"
#include "bench/during/stage.hpp"

namespace launch::bench {

/// Told what happens while events are repeated; cli/ draws it.
struct DuringProgress {
  std::function<void(const std::string& contender, const std::string& load,
                     int done, int total)>
      on_repetition;
  std::function<void(const Failure&)> on_failure;
};

/// Starts each contender afresh for each kind of load, drives that load at it,
/// and repeats the plan's event meanwhile. Setting `*cancelled` ends it early:
/// what was finished is kept.
DuringReport run_during(const Stage& stage, const DuringPlan& plan,
                        const DuringProgress& progress,
                        const std::atomic<bool>& cancelled);

}  // namespace launch::bench
