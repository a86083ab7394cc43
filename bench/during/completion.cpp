#include "bench/during/completion.hpp"

#include <algorithm>

namespace launch::bench {
namespace {

std::vector<pid_t> pids_of(const std::vector<WorkerCounts>& workers) {
  std::vector<pid_t> pids;
  for (const WorkerCounts& worker : workers)
    if (worker.pid != 0) pids.push_back(worker.pid);
  return pids;
}

bool contains(const std::vector<pid_t>& pids, pid_t pid) {
  return std::find(pids.begin(), pids.end(), pid) != pids.end();
}

}  // namespace

bool is_over(Over over, const Beginning& beginning,
             const std::vector<WorkerCounts>& now) {
  const std::vector<pid_t> old = pids_of(beginning.workers);
  const std::vector<pid_t> pids = pids_of(now);
  const auto is_new = [&](pid_t pid) { return !contains(old, pid); };
  if (static_cast<int>(pids.size()) !=
      static_cast<int>(old.size()) + beginning.change)
    return false;
  switch (over) {
    case Over::all_replaced:
      return std::all_of(pids.begin(), pids.end(), is_new);
    case Over::any_replaced:
      return std::any_of(pids.begin(), pids.end(), is_new);
    case Over::victim_replaced:
      return !contains(pids, beginning.victim);
    case Over::count_changed:
    case Over::restarted:
      return true;
  }
  return true;
}

pid_t worker_in_turn(const std::vector<WorkerCounts>& workers, int turn) {
  const std::vector<pid_t> pids = pids_of(workers);
  return pids.empty() ? 0 : pids[static_cast<std::size_t>(turn) % pids.size()];
}

}  // namespace launch::bench
