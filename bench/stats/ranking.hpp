#pragma once

#include <map>
#include <string>
#include <vector>

#include "bench/compare/records.hpp"
#include "bench/stats/statistics.hpp"

namespace launch::bench {

/// A lead of at most this is no lead: layout of code and memory alone moves a
/// server by as much.
inline constexpr double kMargin = 0.05;

/// What one contender achieved in each round.
struct Score {
  std::string contender;
  std::map<int, double> by_round;  ///< requests/s, above 0

  double estimate() const;  ///< geometric mean
};

/// Scores under one workload, best first. A contender with a round in which it
/// gave no good answer is left out: nothing can be said relative to it.
std::vector<Score> scores_of(const std::vector<Trial>& trials,
                             const std::string& workload);

/// Scores over several workloads, best first: the geometric mean of the
/// requests/s under each, of rounds that hold all of them.
std::vector<Score> overall_scores(const std::vector<Trial>& trials,
                                  const std::vector<std::string>& workloads);

/// `a` / `b` over the rounds that both have; an estimate of 0 without any.
Estimate factor_between(const Score& a, const Score& b,
                        double confidence = kConfidence);

/// Whether `best` leads `other` beyond doubt: its lead is more than kMargin and
/// the interval of the paired ratio lies above 1. `comparisons` is how many
/// others the best is compared with; the interval is widened (Bonferroni) so
/// that all of them together hold with 95 %. Two-sided bounds of 1 - 0.05/c
/// for c comparisons bound by 2.5 % the chance that the truly best contender is
/// declared beaten, although the best was picked from the same data: that takes
/// one of c others to beat it falsely.
bool leads(const Score& best, const Score& other, int comparisons);

}  // namespace launch::bench
