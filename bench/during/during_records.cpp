#include "bench/during/during_records.hpp"

#include <algorithm>

namespace launch::bench {

std::uint64_t DuringTrial::answered() const {
  std::uint64_t sum = 0;
  for (const PhaseRecord& phase : phases) sum += phase.answered;
  return sum;
}

std::uint64_t DuringTrial::unsent() const {
  std::uint64_t sum = 0;
  for (const PhaseRecord& phase : phases) sum += phase.unsent;
  return sum;
}

Losses DuringTrial::lost() const {
  Losses sum;
  for (const PhaseRecord& phase : phases) sum += phase.lost;
  return sum;
}

bool DuringReport::lost_what_must_not_be_lost() const {
  return std::any_of(
      trials.begin(), trials.end(),
      [](const DuringTrial& trial) { return trial.losses.unexpected > 0; });
}

}  // namespace launch::bench
