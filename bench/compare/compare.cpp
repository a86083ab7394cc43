#include "bench/compare/compare.hpp"

#include <algorithm>
#include <random>
#include <set>

#include "bench/compare/instruments.hpp"
#include "bench/compare/probe.hpp"
#include "bench/compare/server_under_test.hpp"
#include "bench/compare/trial.hpp"
#include "bench/compare/verdict.hpp"
#include "bench/compare/warnings.hpp"
#include "bench/report/machine.hpp"
#include "bench/stats/summary.hpp"

namespace launch::bench {
namespace {

// What a start and a stop take, until it has been measured.
constexpr milliseconds kTypicalRestart{300};

/// One comparison while it runs.
class Run {
 public:
  Run(const Instruments& instruments, const ComparisonPlan& plan,
      Progress& progress, const std::atomic<bool>& cancelled)
      : instruments_(instruments),
        progress_(progress),
        cancelled_(cancelled),
        random_(plan.seed),
        begin_(instruments.now()),
        left_(plan.rounds * static_cast<int>(plan.contenders.size() *
                                             plan.workloads.size())) {
    result_.plan = plan;
    result_.machine = instruments.machine;
  }

  Comparison run();

 private:
  const ComparisonPlan& plan() const { return result_.plan; }
  std::vector<const Contender*> order();
  void run_contender(const Contender& contender, int round);
  std::optional<std::string> wrong_answer(Target& target);
  void run_workload(const Contender& contender, const Workload& workload,
                    int round, Target& target);
  void fail(const Contender& contender, int round, FailureKind kind,
            std::string reason);
  milliseconds time_left() const;

  const Instruments& instruments_;
  Progress& progress_;
  const std::atomic<bool>& cancelled_;
  std::mt19937_64 random_;
  Clock::time_point begin_;
  Comparison result_;
  std::vector<std::string> stop_warnings_;
  std::set<std::string> failed_;
  int left_;  ///< trials still to come
};

// Fisher and Yates: std::shuffle differs between standard libraries, and a seed
// must mean the same order everywhere.
std::vector<const Contender*> Run::order() {
  std::vector<const Contender*> contenders;
  for (const Contender& contender : plan().contenders)
    contenders.push_back(&contender);
  for (std::size_t i = contenders.size(); i > 1; --i)
    std::swap(contenders[i - 1], contenders[random_() % i]);
  return contenders;
}

Comparison Run::run() {
  for (int round = 1; round <= plan().rounds && !cancelled_; ++round) {
    std::vector<const Contender*> contenders = order();
    std::erase_if(contenders, [&](const Contender* contender) {
      return failed_.contains(contender->name);
    });
    for (const Contender* contender : contenders) {
      if (cancelled_) break;
      run_contender(*contender, round);
    }
  }
  result_.interrupted = cancelled_;
  const int cores = result_.machine.cores;
  result_.summary = summarise(plan(), result_.trials, cores);
  result_.verdicts = decide_verdicts(plan(), result_.summary, result_.trials,
                                     result_.failures, cores);
  result_.warnings = find_warnings(result_);
  result_.warnings.insert(result_.warnings.end(), stop_warnings_.begin(),
                          stop_warnings_.end());
  return std::move(result_);
}

void Run::run_contender(const Contender& contender, int round) {
  std::unique_ptr<Target> target;
  try {
    target = instruments_.start(contender, plan().start_limit);
  } catch (const StartError& error) {
    // Ctrl+C may also have ended what was just starting.
    if (!cancelled_) fail(contender, round, FailureKind::start, error.what());
    return;
  }
  if (round == 1)
    if (const std::optional<std::string> wrong = wrong_answer(*target))
      return fail(contender, round, FailureKind::answer, *wrong);
  for (const Workload& workload : plan().workloads) {
    if (cancelled_) break;
    run_workload(contender, workload, round, *target);
    if (const std::optional<std::string> death = target->death())
      return fail(contender, round, FailureKind::death, *death);
  }
  if (const std::optional<std::string> forced = target->stop())
    stop_warnings_.push_back(contender.name + " " + *forced);
}

// Errors can be fast: a contender that only answers 404 must not be taken for
// a quick one.
std::optional<std::string> Run::wrong_answer(Target& target) {
  std::set<std::string> seen;
  for (const Workload& workload : plan().workloads) {
    for (const RequestKind& kind : workload.mix) {
      if (cancelled_) return std::nullopt;
      const bool first =
          seen.insert(kind.method + ' ' + kind.target + ' ' + kind.body).second;
      if (!first) continue;
      const std::optional<std::string> wrong = instruments_.probe(
          target.host(), target.port(), kind, plan().timeout);
      if (!wrong) continue;
      const std::optional<std::string> death = target.death();
      return death ? *wrong + "; the server " + *death : *wrong;
    }
  }
  return std::nullopt;
}

void Run::run_workload(const Contender& contender, const Workload& workload,
                       int round, Target& target) {
  const auto done = static_cast<int>(result_.trials.size());
  progress_.on_trial(contender.name, workload.name, round, done, done + left_,
                     time_left());
  Trial trial = run_trial(instruments_, plan(), contender, workload, round,
                          target, cancelled_);
  if (trial.load.interrupted) return;
  --left_;
  result_.trials.push_back(std::move(trial));
  progress_.on_trial_end(result_.trials.back());
}

void Run::fail(const Contender& contender, int round, FailureKind kind,
               std::string reason) {
  const auto workloads = static_cast<int>(plan().workloads.size());
  const auto of_this_start = static_cast<int>(std::count_if(
      result_.trials.begin(), result_.trials.end(), [&](const Trial& trial) {
        return trial.contender == contender.name && trial.round == round;
      }));
  left_ -= (plan().rounds - round + 1) * workloads - of_this_start;
  failed_.insert(contender.name);
  result_.failures.push_back({contender.name, kind, std::move(reason)});
  progress_.on_failure(result_.failures.back());
}

milliseconds Run::time_left() const {
  const auto done = static_cast<int>(result_.trials.size());
  const auto workloads = static_cast<int>(plan().workloads.size());
  if (done < workloads)
    return (plan().warmup + plan().duration + kTypicalRestart / workloads) *
           left_;
  const auto elapsed =
      std::chrono::duration_cast<milliseconds>(instruments_.now() - begin_);
  return elapsed * left_ / done;
}

}  // namespace

Instruments real_instruments() {
  Instruments instruments;
  instruments.start = [](const Contender& contender, milliseconds limit) {
    return std::make_unique<ServerUnderTest>(contender, limit);
  };
  instruments.probe = probe;
  instruments.load = run_load;
  instruments.host_time = read_host_time;
  instruments.now = [] { return Clock::now(); };
  instruments.machine = read_machine();
  return instruments;
}

Comparison compare_with(const Instruments& instruments,
                        const ComparisonPlan& plan, Progress& progress,
                        const std::atomic<bool>& cancelled) {
  return Run(instruments, plan, progress, cancelled).run();
}

Comparison compare(const ComparisonPlan& plan, Progress& progress,
                   const std::atomic<bool>& cancelled) {
  return compare_with(real_instruments(), plan, progress, cancelled);
}

}  // namespace launch::bench
