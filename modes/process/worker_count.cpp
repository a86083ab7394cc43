#include "modes/process/worker_count.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "modes/base/cgroup.hpp"
#include "modes/base/process_stats.hpp"

namespace launch {
namespace {

std::string counted(int count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// How many workers the memory allows; nothing without a limit.
std::optional<std::uint64_t> by_memory(const MachineFigures& machine) {
  if (!machine.memory) return std::nullopt;
  return std::max<std::uint64_t>(*machine.memory / kWorkerMemory, 1);
}

}  // namespace

int MachineFigures::cores() const {
  if (!cpu_quota || *cpu_quota >= cpus) return std::max(cpus, 1);
  return std::max(1, static_cast<int>(std::ceil(*cpu_quota)));
}

WorkerCount auto_workers(const MachineFigures& machine) {
  const int cores = machine.cores();
  const auto fitting = by_memory(machine);
  const bool memory_decides =
      fitting && *fitting < static_cast<std::uint64_t>(cores);
  const int workers = memory_decides ? static_cast<int>(*fitting) : cores;

  const std::string mask =
      counted(machine.cpus, "CPU") + " of the affinity mask";
  const std::string quota =
      machine.cpu_quota ? fmt::format("cgroup quota {:.1f}", *machine.cpu_quota)
                        : "no cgroup quota";
  const std::string memory =
      fitting
          ? fmt::format("memory allows {} ({} MiB each of {} MiB)", *fitting,
                        kWorkerMemory >> 20, *machine.memory >> 20)
          : "no memory limit";
  // What decides comes first.
  const bool quota_decides = !memory_decides && cores < machine.cpus;
  std::string reason = counted(workers, "worker") + ": ";
  if (memory_decides)
    reason += fmt::format("{}; {}, {}", memory, mask, quota);
  else if (quota_decides)
    reason += fmt::format("{}; {}, {}", quota, mask, memory);
  else
    reason += fmt::format("{}; {}, {}", mask, quota, memory);
  return {workers, reason};
}

std::vector<std::string> shape_warnings(const Mode& mode, const Shape& shape,
                                        const MachineFigures& machine) {
  std::vector<std::string> warnings;
  if (!mode.many_workers) return warnings;
  if (shape.workers == 1 && shape.threads == 1)
    warnings.push_back(fmt::format(
        "{} with one worker of one thread serves no more than --mode single: "
        "use that, or add --workers or --threads",
        mode.name));
  if (shape.workers > machine.cores())
    warnings.push_back(fmt::format(
        "{} share {}: beyond one for each, more workers help only "
        "handlers that wait, for which --threads costs less memory",
        counted(shape.workers, "worker"), counted(machine.cores(), "CPU")));
  return warnings;
}

MachineFigures machine_figures() {
  std::ifstream file("/proc/self/cgroup");
  const std::string membership{std::istreambuf_iterator<char>(file), {}};
  return {.cpus = cores_by_affinity(),
          .cpu_quota = cpu_quota(membership, "/sys/fs/cgroup"),
          .memory = own_memory_limit()};
}

}  // namespace launch
