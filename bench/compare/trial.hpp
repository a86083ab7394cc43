#pragma once

#include <atomic>

#include "bench/compare/instruments.hpp"
#include "bench/compare/records.hpp"
#include "bench/compare/target.hpp"

namespace launch::bench {

/// Warms the target up, drives the workload's load at it for the plan's
/// duration and reads, at the edges of exactly this interval, the server's CPU
/// time, its workers' counts and the time stolen by the host; memory just after
/// its end.
Trial run_trial(const Instruments& instruments, const ComparisonPlan& plan,
                const Contender& contender, const Workload& workload, int round,
                Target& target, const std::atomic<bool>& cancelled);

/// What each worker did between two counts. A worker that is new at the end
/// counts from zero; without counts at both ends nothing is known.
std::vector<WorkerShare> shares_between(const std::vector<WorkerCounts>& begin,
                                        const std::vector<WorkerCounts>& end);

}  // namespace launch::bench
