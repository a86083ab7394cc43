#include "bench/stats/ranking.hpp"

#include <algorithm>
#include <iterator>

namespace launch::bench {
namespace {

std::vector<double> values_of(const Score& score) {
  std::vector<double> values;
  for (const auto& [round, value] : score.by_round) values.push_back(value);
  return values;
}

void sort_best_first(std::vector<Score>& scores) {
  std::stable_sort(scores.begin(), scores.end(),
                   [](const Score& a, const Score& b) {
                     return a.estimate() > b.estimate();
                   });
}

const Score* find(const std::vector<Score>& scores, const std::string& name) {
  const auto found =
      std::find_if(scores.begin(), scores.end(),
                   [&](const Score& s) { return s.contender == name; });
  return found == scores.end() ? nullptr : &*found;
}

// The geometric mean over workloads in each round that `parts` all have.
Score combine(const std::vector<const Score*>& parts) {
  Score combined{parts.front()->contender, {}};
  for (const auto& [round, unused] : parts.front()->by_round) {
    std::vector<double> values;
    for (const Score* part : parts)
      if (const auto it = part->by_round.find(round);
          it != part->by_round.end())
        values.push_back(it->second);
    if (values.size() == parts.size())
      combined.by_round[round] = geometric_mean(values);
  }
  return combined;
}

}  // namespace

double Score::estimate() const { return geometric_mean(values_of(*this)); }

std::vector<Score> scores_of(const std::vector<Trial>& trials,
                             const std::string& workload) {
  std::vector<Score> scores;
  for (const Trial& trial : trials) {
    if (trial.workload != workload) continue;
    auto found = std::find_if(
        scores.begin(), scores.end(),
        [&](const Score& s) { return s.contender == trial.contender; });
    if (found == scores.end())
      found = scores.insert(scores.end(), Score{trial.contender, {}});
    found->by_round[trial.round] = trial.load.requests_per_second();
  }
  std::erase_if(scores, [](const Score& s) { return s.estimate() <= 0; });
  sort_best_first(scores);
  return scores;
}

std::vector<Score> overall_scores(const std::vector<Trial>& trials,
                                  const std::vector<std::string>& workloads) {
  if (workloads.empty()) return {};
  std::vector<std::vector<Score>> by_workload;
  for (const std::string& workload : workloads)
    by_workload.push_back(scores_of(trials, workload));
  std::vector<Score> scores;
  for (const Score& first : by_workload.front()) {
    std::vector<const Score*> parts;
    for (const std::vector<Score>& its : by_workload)
      if (const Score* part = find(its, first.contender)) parts.push_back(part);
    if (parts.size() != workloads.size()) continue;
    Score combined = combine(parts);
    if (!combined.by_round.empty()) scores.push_back(std::move(combined));
  }
  sort_best_first(scores);
  return scores;
}

Estimate factor_between(const Score& a, const Score& b, double confidence) {
  std::vector<double> numerators;
  std::vector<double> denominators;
  for (const auto& [round, value] : a.by_round) {
    const auto it = b.by_round.find(round);
    if (it == b.by_round.end()) continue;
    numerators.push_back(value);
    denominators.push_back(it->second);
  }
  if (numerators.empty()) return {};
  return ratio_of(numerators, denominators, confidence);
}

bool leads(const Score& best, const Score& other, int comparisons) {
  const double confidence = 1 - (1 - kConfidence) / std::max(1, comparisons);
  const Estimate lead = factor_between(best, other, confidence);
  return lead.low && *lead.low > 1 && lead.estimate > 1 + kMargin;
}

}  // namespace launch::bench
