#include "bench/compare/verdict.hpp"

#include <algorithm>
#include <set>

#include "bench/compare/reason.hpp"
#include "bench/stats/ranking.hpp"

namespace launch::bench {
namespace {

// Memory that differs by less is the same: PSS moves by as much from start to
// start.
constexpr double kSameMemory = 1.10;
// Up to this share of failed requests a contender counts as clean.
constexpr double kCleanShare = 0.001;

/// What a contender costs, over the workloads that are judged.
struct Cost {
  std::string contender;
  int processes = 1;
  int threads = 1;
  double memory_bytes = 0;
  bool errors = false;
};

/// A ranking and what follows from it, the same for one workload and for all.
struct Decision {
  VerdictOutcome outcome = VerdictOutcome::invalid;
  int rounds = 0;
  std::string winner;
  std::string compared_to;
  Estimate factor;
  std::vector<std::string> ties;    ///< not told apart from the winner
  std::vector<std::string> equals;  ///< of these, also close to the best
};

/// The judge of one comparison: everything that was measured, looked up by
/// name.
class Judge {
 public:
  Judge(const ComparisonPlan& plan, const std::vector<Summary>& summaries,
        const std::vector<Trial>& trials, const std::vector<Failure>& failures,
        int cores);

  Verdict judge(const std::string& workload) const;
  Verdict judge_overall(const std::vector<Verdict>& verdicts) const;

 private:
  Decision decide(const std::vector<Score>& scores,
                  const std::vector<std::string>& workloads) const;
  std::string cheapest(const std::vector<std::string>& names,
                       const std::vector<std::string>& workloads) const;
  Cost cost_of(const std::string& name,
               const std::vector<std::string>& workloads) const;
  bool generator_bound(const std::string& name,
                       const std::vector<std::string>& workloads) const;
  bool any_generator_bound(const std::string& workload) const;
  Facts facts_of(const Decision& decision, const std::vector<Score>& scores,
                 const std::string& workload) const;
  Measured measured(const std::string& name, const std::string& workload) const;

  const ComparisonPlan& plan_;
  const std::vector<Summary>& summaries_;
  std::vector<Trial> trials_;  ///< of contenders that did not fail
  int cores_;
};

const Score& find(const std::vector<Score>& scores, const std::string& name) {
  return *std::find_if(scores.begin(), scores.end(),
                       [&](const Score& s) { return s.contender == name; });
}

Verdict to_verdict(std::string workload, const Decision& decision,
                   std::string reason) {
  Verdict verdict;
  verdict.workload = std::move(workload);
  verdict.outcome = decision.outcome;
  verdict.winner = decision.winner;
  verdict.compared_to = decision.compared_to;
  verdict.factor = decision.factor;
  verdict.ties = decision.ties;
  verdict.reason = std::move(reason);
  return verdict;
}

Judge::Judge(const ComparisonPlan& plan, const std::vector<Summary>& summaries,
             const std::vector<Trial>& trials,
             const std::vector<Failure>& failures, int cores)
    : plan_(plan), summaries_(summaries), cores_(cores) {
  std::set<std::string> failed;
  for (const Failure& failure : failures) failed.insert(failure.contender);
  std::copy_if(trials.begin(), trials.end(), std::back_inserter(trials_),
               [&](const Trial& t) { return !failed.contains(t.contender); });
}

Measured Judge::measured(const std::string& name,
                         const std::string& workload) const {
  Measured result;
  for (const Contender& contender : plan_.contenders)
    if (contender.name == name) result.contender = &contender;
  for (const Summary& summary : summaries_)
    if (summary.contender == name && summary.workload == workload)
      result.summary = &summary;
  return result;
}

bool Judge::generator_bound(const std::string& name,
                            const std::vector<std::string>& workloads) const {
  return std::any_of(
      workloads.begin(), workloads.end(), [&](const std::string& workload) {
        const Summary* const summary = measured(name, workload).summary;
        return summary != nullptr && summary->bound == Bound::generator;
      });
}

// A sum with a lower bound in it would rank by what the generator could do.
bool Judge::any_generator_bound(const std::string& workload) const {
  return std::any_of(summaries_.begin(), summaries_.end(),
                     [&](const Summary& summary) {
                       return summary.workload == workload &&
                              summary.bound == Bound::generator;
                     });
}

Cost Judge::cost_of(const std::string& name,
                    const std::vector<std::string>& workloads) const {
  Cost cost{.contender = name};
  for (const std::string& workload : workloads) {
    const Measured one = measured(name, workload);
    cost.processes = one.contender->workers;
    cost.threads = one.threads();
    cost.memory_bytes += static_cast<double>(one.summary->pss_bytes);
    const double requests = one.summary->requests_per_second.estimate *
                            one.summary->rounds * to_seconds(plan_.duration);
    cost.errors =
        cost.errors || static_cast<double>(one.summary->errors.total()) >
                           kCleanShare * requests;
  }
  return cost;
}

// Keeps the costs that are smallest in one respect, within a factor.
template <typename Value>
void keep_smallest(std::vector<Cost>& costs, Value value, double factor = 1) {
  auto smallest = static_cast<double>(value(costs.front()));
  for (const Cost& cost : costs)
    smallest = std::min(smallest, static_cast<double>(value(cost)));
  std::erase_if(costs, [&](const Cost& cost) {
    return static_cast<double>(value(cost)) > smallest * factor;
  });
}

std::string Judge::cheapest(const std::vector<std::string>& names,
                            const std::vector<std::string>& workloads) const {
  std::vector<Cost> costs;
  for (const std::string& name : names)
    costs.push_back(cost_of(name, workloads));
  keep_smallest(costs, [](const Cost& c) { return c.errors; });
  keep_smallest(costs, [](const Cost& c) { return c.processes; });
  keep_smallest(
      costs, [](const Cost& c) { return c.memory_bytes; }, kSameMemory);
  keep_smallest(costs, [](const Cost& c) { return c.threads; });
  return costs.front().contender;
}

Decision Judge::decide(const std::vector<Score>& scores,
                       const std::vector<std::string>& workloads) const {
  Decision decision;
  if (scores.empty()) return decision;
  const Score& best = scores.front();
  const int comparisons = static_cast<int>(scores.size()) - 1;
  decision.rounds = static_cast<int>(best.by_round.size());
  std::vector<std::string> open{best.contender};
  std::vector<std::string> close{best.contender};
  bool limited = false;
  for (std::size_t i = 1; i < scores.size(); ++i) {
    const std::string& name = scores[i].contender;
    if (generator_bound(name, workloads)) limited = true;
    if (leads(best, scores[i], comparisons)) continue;
    if (generator_bound(best.contender, workloads)) limited = true;
    open.push_back(name);
    if (best.estimate() <= scores[i].estimate() * (1 + kRecommendMargin))
      close.push_back(name);
  }
  if (limited) return decision;

  decision.winner = cheapest(close, workloads);
  decision.outcome = open.size() == 1 && comparisons > 0
                         ? VerdictOutcome::better
                         : VerdictOutcome::no_clear_winner;
  std::erase(open, decision.winner);
  std::erase(close, decision.winner);
  decision.ties = open;
  decision.equals = close;
  for (const Score& score : scores) {
    if (score.contender == decision.winner) continue;
    const bool single =
        measured(score.contender, workloads.front()).contender->mode ==
        "single";
    if (decision.compared_to.empty() || single)
      decision.compared_to = score.contender;
    if (single) break;
  }
  if (!decision.compared_to.empty())
    decision.factor = factor_between(find(scores, decision.winner),
                                     find(scores, decision.compared_to));
  return decision;
}

Facts Judge::facts_of(const Decision& decision,
                      const std::vector<Score>& scores,
                      const std::string& workload) const {
  Facts facts;
  facts.outcome = decision.outcome;
  facts.cores = cores_;
  facts.rounds = decision.rounds;
  facts.factor = decision.factor;
  facts.winner = measured(decision.winner, workload);
  facts.compared_to = measured(decision.compared_to, workload);
  facts.ties = decision.ties;
  if (!decision.equals.empty())
    facts.rival = measured(decision.equals.front(), workload);
  for (const Score& score : scores) {
    const Measured one = measured(score.contender, workload);
    facts.measured.push_back(one);
    if (!facts.baseline || one.threads() < facts.baseline.threads())
      facts.baseline = one;
  }
  return facts;
}

Verdict Judge::judge(const std::string& workload) const {
  const std::vector<Score> scores = scores_of(trials_, workload);
  const Decision decision = decide(scores, {workload});
  return to_verdict(workload, decision,
                    reason_for(facts_of(decision, scores, workload)));
}

Verdict Judge::judge_overall(const std::vector<Verdict>& verdicts) const {
  OverallFacts facts;
  for (const Verdict& verdict : verdicts) {
    const bool exact =
        !verdict.winner.empty() && !any_generator_bound(verdict.workload);
    (exact ? facts.workloads : facts.left_out).push_back(verdict.workload);
  }
  const std::vector<Score> scores = overall_scores(trials_, facts.workloads);
  const Decision decision = decide(scores, facts.workloads);
  facts.outcome = decision.outcome;
  facts.rounds = decision.rounds;
  facts.winner = decision.winner;
  facts.compared_to = decision.compared_to;
  facts.factor = decision.factor;
  facts.ties = decision.ties;
  for (const Verdict& verdict : verdicts)
    if (verdict.winner == decision.winner ||
        std::count(verdict.ties.begin(), verdict.ties.end(), decision.winner))
      facts.best_in.push_back(verdict.workload);
  return to_verdict("overall", decision, overall_reason_for(facts));
}

}  // namespace

std::vector<Verdict> decide_verdicts(const ComparisonPlan& plan,
                                     const std::vector<Summary>& summaries,
                                     const std::vector<Trial>& trials,
                                     const std::vector<Failure>& failures,
                                     int cores) {
  const Judge judge(plan, summaries, trials, failures, cores);
  std::vector<Verdict> verdicts;
  for (const Workload& workload : plan.workloads)
    verdicts.push_back(judge.judge(workload.name));
  verdicts.push_back(judge.judge_overall(verdicts));
  return verdicts;
}

}  // namespace launch::bench
