#include "bench/compare/warnings.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include <fmt/core.h>

#include "bench/report/units.hpp"

namespace launch::bench {
namespace {

constexpr double kStealLimit = 0.02;
constexpr double kOthersLimit = 0.1;
constexpr double kUnevenLimit = 1.25;
constexpr double kDelayLimit = 0.2;
// Load average per core before the first trial.
constexpr double kBusyMachine = 0.5;
constexpr int kFewRounds = 3;
// Of the interval, for a response time.
constexpr double kLongestShare = 0.5;

// What went wrong first for a contender under a workload.
std::string first_error(const Comparison& comparison, const Summary& summary) {
  for (const Trial& trial : comparison.trials)
    if (trial.contender == summary.contender &&
        trial.workload == summary.workload && !trial.load.first_error.empty())
      return "; " + trial.load.first_error;
  return "";
}

std::vector<std::string> errors(const Comparison& comparison) {
  std::vector<std::string> found;
  for (const Summary& summary : comparison.summary)
    if (summary.errors.total() > 0)
      found.push_back(
          fmt::format("{}: {} of {}'s requests failed and are not part of its "
                      "requests/s{}",
                      summary.workload, summary.errors.total(),
                      summary.contender, first_error(comparison, summary)));
  return found;
}

// Slower than a whole interval, or broken.
std::vector<std::string> no_answers(const Comparison& comparison) {
  std::vector<std::string> found;
  for (const Summary& summary : comparison.summary)
    if (summary.requests_per_second.estimate <= 0)
      found.push_back(fmt::format(
          "{}: {} gave no good answer in a round, so it is not ranked{}",
          summary.workload, summary.contender,
          first_error(comparison, summary)));
  return found;
}

// "plain: <sentence about the contenders for which `holds`>", per workload.
std::vector<std::string> per_workload(
    const Comparison& comparison,
    const std::function<bool(const Summary&)>& holds,
    const std::function<std::string(const Summary&)>& name,
    const char* sentence) {
  std::vector<std::string> found;
  for (const Workload& workload : comparison.plan.workloads) {
    std::vector<std::string> names;
    for (const Summary& summary : comparison.summary)
      if (summary.workload == workload.name && holds(summary))
        names.push_back(name(summary));
    if (!names.empty())
      found.push_back(
          fmt::format("{}: {} {}", workload.name, sentence, list_text(names)));
  }
  return found;
}

std::string contender_of(const Summary& summary) { return summary.contender; }

std::vector<std::string> generator_bound(const Comparison& comparison) {
  return per_workload(
      comparison, [](const Summary& s) { return s.bound == Bound::generator; },
      contender_of, "the load generator, not the server, was the limit for");
}

std::vector<std::string> shared_cores(const Comparison& comparison) {
  return per_workload(
      comparison,
      [](const Summary& s) {
        return s.bound != Bound::generator &&
               s.generator_run_delay_share > kDelayLimit;
      },
      [](const Summary& s) {
        return fmt::format("{} ({} of the time)", s.contender,
                           percent_text(s.generator_run_delay_share));
      },
      "the load generator had to wait for a core under");
}

std::vector<std::string> uneven(const Comparison& comparison) {
  return per_workload(
      comparison,
      [](const Summary& s) { return s.busiest_worker_share > kUnevenLimit; },
      [](const Summary& s) {
        return fmt::format("{} ({} times the mean)", s.contender,
                           number_text(s.busiest_worker_share));
      },
      "the busiest worker had more than its share in");
}

std::vector<std::string> no_counts(const Comparison& comparison) {
  return per_workload(
      comparison, [](const Summary& s) { return s.workers.empty(); },
      contender_of, "no requests per worker are known of");
}

std::vector<std::string> steal(const Comparison& comparison) {
  if (comparison.trials.empty()) return {};
  double sum = 0;
  double most = 0;
  for (const Trial& trial : comparison.trials) {
    sum += trial.steal_share;
    most = std::max(most, trial.steal_share);
  }
  const double mean = sum / static_cast<double>(comparison.trials.size());
  if (mean <= kStealLimit && most <= 5 * kStealLimit) return {};
  return {fmt::format(
      "the host took {} of this machine's CPU time away, up to {} of a trial: "
      "repeat the run when it is less busy",
      percent_text(mean), percent_text(most))};
}

std::vector<std::string> others(const Comparison& comparison) {
  if (comparison.trials.empty()) return {};
  double sum = 0;
  for (const Trial& trial : comparison.trials) sum += trial.other_cpu_share;
  const double mean = sum / static_cast<double>(comparison.trials.size());
  if (mean <= kOthersLimit) return {};
  return {fmt::format(
      "other programs used {} of this machine's CPU time during the trials: "
      "repeat the run when it is less busy",
      percent_text(mean))};
}

std::vector<std::string> busy_machine(const Comparison& comparison) {
  const Machine& machine = comparison.machine;
  if (machine.load_average <= kBusyMachine * machine.cores) return {};
  return {fmt::format(
      "the machine was busy before the first trial (load average {:.2f} on {} "
      "cores): what else ran is part of the numbers",
      machine.load_average, machine.cores)};
}

std::vector<std::string> few_rounds(const Comparison& comparison) {
  int most = 0;
  for (const Summary& summary : comparison.summary)
    most = std::max(most, summary.rounds);
  if (most == 0 || most >= kFewRounds) return {};
  return {
      fmt::format("{} {} of every contender tell little about the spread: "
                  "use {} or more",
                  most, most == 1 ? "round" : "rounds", kFewRounds)};
}

// Requests that take as long as the interval hardly complete within it.
std::vector<std::string> cut_off(const Comparison& comparison) {
  const double longest_us =
      kLongestShare * to_seconds(comparison.plan.duration) * 1e6;
  return per_workload(
      comparison,
      [=](const Summary& s) {
        return s.response_time_us.max.value_or(0) > longest_us;
      },
      [](const Summary& s) {
        return fmt::format("{} ({})", s.contender,
                           duration_text(s.response_time_us.max.value_or(0)));
      },
      "response times near the length of a trial are cut off, a longer one "
      "would show more of");
}

constexpr std::array kChecks{
    errors, no_answers, generator_bound, shared_cores, steal,     others,
    uneven, no_counts,  cut_off,         busy_machine, few_rounds};

}  // namespace

std::vector<std::string> find_warnings(const Comparison& comparison) {
  std::vector<std::string> warnings;
  for (const auto& check : kChecks)
    for (std::string& warning : check(comparison))
      warnings.push_back(std::move(warning));
  return warnings;
}

}  // namespace launch::bench
