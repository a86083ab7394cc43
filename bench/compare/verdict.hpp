#pragma once

#include <vector>

#include "bench/compare/records.hpp"

namespace launch::bench {

/// Ties are recommended by cost, the cheapest first, among those that lie
/// behind the best by at most this: a contender that may be as good only
/// because the rounds were few or noisy is not.
inline constexpr double kRecommendMargin = 0.10;

/// One verdict per workload, in the plan's order, and one over all workloads
/// that could be judged ("overall", last). Contenders in `failures` are not
/// considered. `cores` are the machine's usable ones.
///
/// The winner is the contender with the most requests/s if it leads every other
/// one (see leads() in bench/stats/ranking.hpp), else the cheapest of those it
/// does not lead: without errors, fewest processes, least memory (within 10 %),
/// fewest threads. Where the generator was the limit of a contender, its
/// requests/s are only a lower bound: if such a one could be the best, the
/// outcome is `invalid` and there is no winner.
std::vector<Verdict> decide_verdicts(const ComparisonPlan& plan,
                                     const std::vector<Summary>& summaries,
                                     const std::vector<Trial>& trials,
                                     const std::vector<Failure>& failures,
                                     int cores);

}  // namespace launch::bench
