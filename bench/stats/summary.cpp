#include "bench/stats/summary.hpp"

#include <algorithm>
#include <map>

#include "bench/stats/statistics.hpp"

namespace launch::bench {
namespace {

using Trials = std::vector<const Trial*>;

template <typename Value>
std::vector<double> values_of(const Trials& trials, Value value) {
  std::vector<double> values;
  values.reserve(trials.size());
  for (const Trial* trial : trials)
    values.push_back(static_cast<double>(value(*trial)));
  return values;
}

void add(LoadErrors& sum, const LoadErrors& errors) {
  sum.connect += errors.connect;
  sum.read += errors.read;
  sum.write += errors.write;
  sum.timeout += errors.timeout;
  sum.status += errors.status;
}

// Of the rounds in which anything was answered; without one there is no cost
// per request.
Estimate cpu_per_request(const Trials& trials) {
  std::vector<double> values;
  for (const Trial* trial : trials)
    if (trial->load.requests > 0)
      values.push_back(trial->server_cpu_us_per_request());
  return values.empty() ? Estimate{} : estimate_of(values);
}

std::vector<WorkerMean> worker_means(const Trials& trials) {
  std::map<int, WorkerMean> by_id;
  const auto rounds = static_cast<double>(trials.size());
  for (const Trial* trial : trials) {
    for (const WorkerShare& share : trial->workers) {
      WorkerMean& mean = by_id[share.id];
      mean.id = share.id;
      mean.requests += static_cast<double>(share.requests) / rounds;
      mean.connections += static_cast<double>(share.connections) / rounds;
    }
  }
  std::vector<WorkerMean> means;
  for (const auto& [id, mean] : by_id) means.push_back(mean);
  return means;
}

// The median of the rounds in which the server gave counts.
double typical_busiest_share(const Trials& trials) {
  std::vector<double> shares;
  for (const Trial* trial : trials)
    if (const double share = busiest_share(trial->workers); share > 0)
      shares.push_back(share);
  return shares.empty() ? 0 : median(shares);
}

Bound most_frequent_bound(const Trials& trials) {
  std::map<Bound, int> counts;
  for (const Trial* trial : trials) ++counts[trial->bound];
  return std::max_element(
             counts.begin(), counts.end(),
             [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

Summary summarise_one(const Contender& contender, const Trials& trials,
                      int cores) {
  Summary summary;
  summary.contender = contender.name;
  summary.workload = trials.front()->workload;
  summary.rounds = static_cast<int>(trials.size());
  summary.requests_per_second = estimate_of(values_of(
      trials, [](const Trial& t) { return t.load.requests_per_second(); }));
  summary.server_cpu_us_per_request = cpu_per_request(trials);
  Histogram merged;
  for (const Trial* trial : trials) {
    merged.merge(trial->load.response_time_us);
    add(summary.errors, trial->load.errors);
  }
  summary.response_time_us = percentiles_of(merged);
  summary.pss_bytes = static_cast<std::uint64_t>(
      median(values_of(trials, [](const Trial& t) { return t.pss_bytes; })));
  summary.startup_ms =
      median(values_of(trials, [](const Trial& t) { return t.startup_ms; }));
  const int usable = cores_of(contender, cores);
  summary.busy_share = mean(values_of(trials, [usable](const Trial& t) {
    return t.load.duration_s > 0 ? t.server_cpu_s / t.load.duration_s / usable
                                 : 0;
  }));
  summary.busiest_worker_share = typical_busiest_share(trials);
  summary.workers = worker_means(trials);
  summary.generator_cpu_share = mean(values_of(
      trials, [](const Trial& t) { return t.generator_cpu_share(); }));
  summary.generator_run_delay_share = mean(values_of(
      trials, [](const Trial& t) { return t.generator_run_delay_share(); }));
  summary.bound = most_frequent_bound(trials);
  return summary;
}

}  // namespace

Percentiles percentiles_of(const Histogram& histogram) {
  Percentiles result;
  if (histogram.count() == 0) return result;
  result.p50 = histogram.percentile(0.5);
  result.p90 = histogram.percentile(0.9);
  result.p95 = histogram.percentile(0.95);
  result.p99 = histogram.percentile(0.99);
  result.p99_9 = histogram.percentile(0.999);
  result.max = static_cast<double>(histogram.max());
  return result;
}

std::vector<Summary> summarise(const ComparisonPlan& plan,
                               const std::vector<Trial>& trials, int cores) {
  std::vector<Summary> summaries;
  for (const Workload& workload : plan.workloads) {
    for (const Contender& contender : plan.contenders) {
      Trials its;
      for (const Trial& trial : trials)
        if (trial.workload == workload.name &&
            trial.contender == contender.name)
          its.push_back(&trial);
      if (!its.empty())
        summaries.push_back(summarise_one(contender, its, cores));
    }
  }
  return summaries;
}

int cores_of(const Contender& contender, int cores) {
  return std::max(1, std::min(contender.workers * contender.threads, cores));
}

double busiest_share(const std::vector<WorkerShare>& workers) {
  std::uint64_t total = 0;
  std::uint64_t most = 0;
  for (const WorkerShare& worker : workers) {
    total += worker.requests;
    most = std::max(most, worker.requests);
  }
  if (total == 0) return 0;
  return static_cast<double>(most) * static_cast<double>(workers.size()) /
         static_cast<double>(total);
}

}  // namespace launch::bench
