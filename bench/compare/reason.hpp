#pragma once

#include <string>
#include <vector>

#include "bench/compare/records.hpp"

namespace launch::bench {

/// A contender with what was measured of it under one workload.
struct Measured {
  const Contender* contender = nullptr;
  const Summary* summary = nullptr;

  explicit operator bool() const { return contender && summary; }
  int threads() const { return contender->workers * contender->threads; }
};

/// What the sentence about one workload is made from.
struct Facts {
  VerdictOutcome outcome = VerdictOutcome::invalid;
  int cores = 1;
  int rounds = 0;
  Estimate factor;                 ///< winner / compared_to
  Measured winner;                 ///< none: invalid
  Measured compared_to;            ///< none: only one was measured
  Measured baseline;               ///< the one with the fewest threads
  Measured rival;                  ///< the best of those as good; or none
  std::vector<std::string> ties;   ///< not told apart from the winner
  std::vector<Measured> measured;  ///< all, the best first
};

/// One sentence, with numbers, that says why.
std::string reason_for(const Facts& facts);

/// The same for the verdict over all workloads: `best_in` are those where the
/// winner is the recommended one or a tie, `left_out` those without a verdict.
struct OverallFacts {
  VerdictOutcome outcome = VerdictOutcome::invalid;
  int rounds = 0;
  std::string winner;
  std::string compared_to;
  Estimate factor;
  std::vector<std::string> ties;
  std::vector<std::string> workloads;  ///< those judged
  std::vector<std::string> best_in;
  std::vector<std::string> left_out;
};
std::string overall_reason_for(const OverallFacts& facts);

}  // namespace launch::bench
