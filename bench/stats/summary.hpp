#pragma once

#include <vector>

#include "bench/compare/records.hpp"

namespace launch::bench {

/// Microseconds; nothing where there are too few samples (Histogram says how
/// many are needed), no maximum where there are none.
Percentiles percentiles_of(const Histogram& histogram);

/// One summary for each contender and workload that has a trial, in the plan's
/// order (workload by workload). Requests/s and CPU per request are geometric
/// means over the rounds with 95 % intervals, percentiles come from the rounds'
/// merged histograms, memory and start-up are medians. `cores` are those that a
/// contender may use.
std::vector<Summary> summarise(const ComparisonPlan& plan,
                               const std::vector<Trial>& trials, int cores);

/// How many cores a contender can keep busy: its threads, or all cores where
/// there are fewer.
int cores_of(const Contender& contender, int cores);

/// Requests of the busiest worker / mean of all; 0 when there are no counts.
double busiest_share(const std::vector<WorkerShare>& workers);

}  // namespace launch::bench
