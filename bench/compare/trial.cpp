#include "bench/compare/trial.hpp"

#include <algorithm>

#include "bench/compare/bound.hpp"
#include "bench/stats/summary.hpp"

namespace launch::bench {
namespace {

LoadPlan load_plan(const ComparisonPlan& plan, const Workload& workload,
                   int round, const Target& target) {
  LoadPlan load;
  load.host = target.host();
  load.port = target.port();
  load.mix = workload.mix;
  load.connections = workload.connections;
  load.warmup = plan.warmup;
  load.duration = plan.duration;
  load.timeout = plan.timeout;
  // The same order of requests for every contender of a round.
  load.seed = plan.seed + static_cast<std::uint64_t>(round);
  return load;
}

Bound bound_of(const Trial& trial, const Contender& contender,
               const Workload& workload, int cores) {
  LoadSides sides;
  sides.generator_cpu_share = trial.generator_cpu_share();
  sides.generator_run_delay_share = trial.generator_run_delay_share();
  sides.server_cores_used = trial.load.duration_s > 0
                                ? trial.server_cpu_s / trial.load.duration_s
                                : 0;
  sides.server_cores = cores_of(contender, cores);
  sides.server_threads = contender.workers * contender.threads;
  sides.connections = workload.connections;
  return decide_bound(sides);
}

}  // namespace

std::vector<WorkerShare> shares_between(const std::vector<WorkerCounts>& begin,
                                        const std::vector<WorkerCounts>& end) {
  std::vector<WorkerShare> shares;
  if (begin.empty()) return shares;
  for (const WorkerCounts& now : end) {
    const auto before =
        std::find_if(begin.begin(), begin.end(),
                     [&](const WorkerCounts& w) { return w.id == now.id; });
    const std::uint64_t base = before == begin.end() ? 0 : before->requests;
    shares.push_back({now.id, now.pid,
                      now.requests >= base ? now.requests - base : 0,
                      now.connections});
  }
  return shares;
}

Trial run_trial(const Instruments& instruments, const ComparisonPlan& plan,
                const Contender& contender, const Workload& workload, int round,
                Target& target, const std::atomic<bool>& cancelled) {
  Trial trial;
  trial.contender = contender.name;
  trial.workload = workload.name;
  trial.round = round;
  trial.startup_ms = target.startup_ms();

  double cpu_begin = 0;
  HostTime host_begin;
  HostTime host_end;
  LoadHooks hooks;
  // Waiting here for an answer would give a server that is slow to count a head
  // start: it works on while the generator stands still.
  hooks.on_begin = [&] {
    target.ask_counts();
    host_begin = instruments.host_time();
    cpu_begin = target.cpu_s();
  };
  hooks.on_end = [&] {
    trial.server_cpu_s = std::max(0.0, target.cpu_s() - cpu_begin);
    host_end = instruments.host_time();
    target.ask_counts();
    const std::vector<WorkerCounts> begin = target.take_counts();
    trial.workers = shares_between(begin, target.take_counts());
    trial.pss_bytes = target.pss_bytes();
  };
  trial.load = instruments.load(load_plan(plan, workload, round, target), hooks,
                                &cancelled);
  trial.steal_share = steal_share(host_begin, host_end);
  trial.other_cpu_share = other_cpu_share(
      host_begin, host_end, trial.server_cpu_s + trial.load.generator_cpu_s);
  trial.bound = bound_of(trial, contender, workload, instruments.machine.cores);
  return trial;
}

}  // namespace launch::bench
