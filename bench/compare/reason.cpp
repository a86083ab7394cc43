#include "bench/compare/reason.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "bench/compare/bound.hpp"
#include "bench/report/units.hpp"
#include "bench/stats/ranking.hpp"
#include "bench/stats/summary.hpp"

namespace launch::bench {
namespace {

// Above this a thread's core is the limit, below the other one it mostly waits.
constexpr double kBusy = 0.8;
constexpr double kWaiting = 0.5;
// Server and generator together leave no core free.
constexpr double kMachineFull = 0.85;

double cores_used(const Facts& facts, const Measured& one) {
  return one.summary->busy_share * cores_of(*one.contender, facts.cores);
}

// CPU time of one handler thread / duration.
double thread_busy(const Facts& facts, const Measured& one) {
  return cores_used(facts, one) / one.threads();
}

std::string plural(int count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

// "16 threads serve 15.6 times as many requests as 1 (single-1x1)"
std::string lead_text(const Facts& facts) {
  return fmt::format("{} ({}) serves {} times as many requests as {} ({})",
                     facts.winner.contender->name,
                     plural(facts.winner.threads(), "thread", "threads"),
                     number_text(facts.factor.estimate),
                     facts.compared_to.contender->name,
                     facts.compared_to.threads());
}

// What the strongest of those that are as good costs more.
std::string rival_text(const Facts& facts) {
  if (!facts.rival) {
    return facts.ties.empty()
               ? ""
               : fmt::format("; {} cannot tell it from {}",
                             plural(facts.rounds, "round", "rounds"),
                             list_text(facts.ties));
  }
  const Measured& rival = facts.rival;
  const auto memory = static_cast<double>(rival.summary->pss_bytes);
  const auto least = static_cast<double>(facts.winner.summary->pss_bytes);
  if (least > 0 && memory >= 1.1 * least)
    return fmt::format(", and {} needs {} times the memory for the same",
                       rival.contender->name, number_text(memory / least));
  if (rival.contender->workers > facts.winner.contender->workers)
    return fmt::format(
        ", and {} needs {} for the same", rival.contender->name,
        plural(rival.contender->workers, "process", "processes"));
  if (rival.threads() > facts.winner.threads())
    return fmt::format(", and {} needs {} for the same", rival.contender->name,
                       plural(rival.threads(), "thread", "threads"));
  return fmt::format(", and {} serves as much", rival.contender->name);
}

bool gains(const Facts& facts) {
  return facts.compared_to && facts.factor.estimate > 1 + kMargin;
}

bool nothing_measured(const Facts& facts) { return facts.measured.empty(); }
std::string nothing_measured_text(const Facts&) {
  return "no contender gave a good answer in every round, so there is nothing "
         "to compare";
}

bool generator_limit(const Facts& facts) { return !facts.winner; }
std::string generator_limit_text(const Facts& facts) {
  std::vector<std::string> limited;
  const Measured* cheapest = &facts.measured.front();
  for (const Measured& one : facts.measured) {
    if (one.summary->bound == Bound::generator)
      limited.push_back(one.contender->name);
    if (one.summary->server_cpu_us_per_request.estimate <
        cheapest->summary->server_cpu_us_per_request.estimate)
      cheapest = &one;
  }
  return fmt::format(
      "the load generator was the limit for {}: requests/s cannot rank these; "
      "by server CPU per request {} is the cheapest ({})",
      list_text(limited), cheapest->contender->name,
      duration_text(cheapest->summary->server_cpu_us_per_request.estimate));
}

bool alone(const Facts& facts) { return !facts.compared_to; }
std::string alone_text(const Facts& facts) {
  return fmt::format("only {} was measured, so there is nothing to compare",
                     facts.winner.contender->name);
}

bool one_round(const Facts& facts) { return facts.rounds < 2; }
std::string one_round_text(const Facts& facts) {
  return fmt::format("one round cannot tell a difference from luck; in it, {}",
                     lead_text(facts));
}

bool blocked(const Facts& facts) {
  return gains(facts) && facts.baseline.summary->bound == Bound::server &&
         thread_busy(facts, facts.baseline) < kWaiting &&
         facts.winner.threads() > facts.baseline.threads();
}
std::string blocked_text(const Facts& facts) {
  const double busy = thread_busy(facts, facts.baseline);
  return fmt::format(
      "handlers are blocked {} of the time (a thread burns {} CPU), so {}{}",
      percent_text(1 - busy), percent_text(busy), lead_text(facts),
      rival_text(facts));
}

bool uses_more_cores(const Facts& facts) {
  return gains(facts) && thread_busy(facts, facts.baseline) >= kBusy &&
         cores_of(*facts.winner.contender, facts.cores) >
             cores_of(*facts.baseline.contender, facts.cores);
}
std::string uses_more_cores_text(const Facts& facts) {
  const Contender& winner = *facts.winner.contender;
  const int used = cores_of(winner, facts.cores);
  const char* what = winner.workers > 1 ? "process" : "thread";
  const std::string more =
      used == 2 ? fmt::format("the second {} uses the second core", what)
                : fmt::format("more {}{} use {} cores", what,
                              winner.workers > 1 ? "es" : "s", used);
  return fmt::format("the handlers keep a core {} busy, so {}: {}{}",
                     percent_text(thread_busy(facts, facts.baseline)), more,
                     lead_text(facts), rival_text(facts));
}

// The rival that may use more cores than the winner, but finds none free.
bool no_free_core(const Facts& facts) {
  if (gains(facts) || !facts.rival) return false;
  const Measured& rival = facts.rival;
  return rival.threads() > facts.winner.threads() &&
         cores_used(facts, rival) + rival.summary->generator_cpu_share >=
             kMachineFull * facts.cores;
}
std::string no_free_core_text(const Facts& facts) {
  return fmt::format(
      "the load generator shares the {} (it takes {:.2f}, {} {:.2f}), so more "
      "threads than the {} of {} find no free core{}",
      plural(facts.cores, "core", "cores"),
      facts.rival.summary->generator_cpu_share, facts.rival.contender->name,
      cores_used(facts, facts.rival), facts.winner.threads(),
      facts.winner.contender->name, rival_text(facts));
}

bool always(const Facts&) { return true; }
std::string plain_text(const Facts& facts) {
  return fmt::format(
      "{}; its threads burn CPU {} of the time{}", lead_text(facts),
      percent_text(thread_busy(facts, facts.winner)), rival_text(facts));
}

/// The first row whose condition holds gives the sentence.
struct Row {
  bool (*applies)(const Facts&);
  std::string (*sentence)(const Facts&);
};
constexpr std::array kRows{
    Row{nothing_measured, nothing_measured_text},
    Row{generator_limit, generator_limit_text},
    Row{alone, alone_text},
    Row{one_round, one_round_text},
    Row{blocked, blocked_text},
    Row{uses_more_cores, uses_more_cores_text},
    Row{no_free_core, no_free_core_text},
    Row{always, plain_text},
};

// A lead over the others that the generator cut short.
std::string at_least_text(const Facts& facts) {
  const bool cut = facts.outcome == VerdictOutcome::better && facts.winner &&
                   facts.winner.summary->bound == Bound::generator;
  return cut ? "; it may be more, because the load generator was its limit"
             : "";
}

}  // namespace

std::string reason_for(const Facts& facts) {
  const auto row = std::find_if(kRows.begin(), kRows.end(),
                                [&](const Row& r) { return r.applies(facts); });
  return row->sentence(facts) + at_least_text(facts);
}

std::string overall_reason_for(const OverallFacts& facts) {
  if (facts.winner.empty())
    return "no workload could be judged, so there is nothing to add up";
  if (facts.compared_to.empty())
    return fmt::format("only {} was measured under every workload",
                       facts.winner);
  std::string text = fmt::format(
      "over {} {} serves {} times as many requests as {} (geometric mean)",
      list_text(facts.workloads), facts.winner,
      number_text(facts.factor.estimate), facts.compared_to);
  if (!facts.best_in.empty())
    text += fmt::format(", best or as good as the best in {}",
                        list_text(facts.best_in));
  if (facts.rounds < 2)
    text += "; one round cannot tell a difference from luck";
  else if (!facts.ties.empty())
    text += fmt::format("; not told apart from {}", list_text(facts.ties));
  if (!facts.left_out.empty())
    text += fmt::format("; without {}, where requests/s do not rank",
                        list_text(facts.left_out));
  return text;
}

}  // namespace launch::bench
