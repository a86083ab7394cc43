#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "modes/mode.hpp"

namespace launch {

/// What decides how many workers a machine, or a container on it, can feed.
struct MachineFigures {
  int cpus = 1;                           ///< of the affinity mask
  std::optional<double> cpu_quota{};      ///< of the cgroup, in CPUs
  std::optional<std::uint64_t> memory{};  ///< limit of the cgroup, in bytes

  /// CPUs that may be used: the quota rounded up, at least 1.
  int cores() const;
};

/// What one worker is taken to need until it is measured: the built-in app
/// needs a tenth of it, one with a database and caches soon half.
inline constexpr std::uint64_t kWorkerMemory = 64u << 20;

struct WorkerCount {
  int workers = 1;
  std::string reason;  ///< "4 workers: 4 CPUs of the affinity mask; ..."
};

/// A worker for each core, as long as the memory suffices; at least one.
WorkerCount auto_workers(const MachineFigures& machine);

/// What a layout probably does not want, a sentence each.
std::vector<std::string> shape_warnings(const Mode& mode, const Shape& shape,
                                        const MachineFigures& machine);

/// Of this process.
MachineFigures machine_figures();

}  // namespace launch
