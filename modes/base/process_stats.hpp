#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "modes/base/clock.hpp"

namespace launch {

/// `root` and all its living descendants, parents before children.
std::vector<pid_t> process_tree(pid_t root);

/// User and system CPU time of all threads of one process, living and ended;
/// nothing when the process is gone. Nanosecond clock, unlike /proc/PID/stat.
std::optional<nanoseconds> cpu_time(pid_t pid);

/// User and system CPU time of the children of `pid` that have ended and were
/// waited for (cutime + cstime); in clock ticks of 10 ms, zero when gone.
nanoseconds reaped_children_cpu_time(pid_t pid);

/// Proportional set size: shared pages are divided among their users, so the
/// sum over processes counts each page once. Nothing when it cannot be read.
std::optional<std::uint64_t> pss_bytes(pid_t pid);

/// How long ago a process began, in clock ticks of 10 ms; nothing when it is
/// gone.
std::optional<milliseconds> process_age(pid_t pid);

/// Those of the affinity mask, at least 1.
int cores_by_affinity();

/// Cores this process may use: the affinity mask, capped by the cgroup's CPU
/// quota (rounded up), at least 1.
int usable_cores();

// What the functions above read, apart from where it was read.

/// The parts of /proc/PID/stat that are used here; see proc(5).
struct ProcessStat {
  pid_t parent = 0;
  std::uint64_t reaped_ticks = 0;  ///< cutime + cstime
  std::uint64_t start_ticks = 0;   ///< from the boot to its start
};
std::optional<ProcessStat> parse_stat(std::string_view text);

/// The Pss of /proc/PID/smaps_rollup, in bytes.
std::optional<std::uint64_t> parse_pss(std::string_view text);

/// Cores that the CPU quotas of a cgroup and its ancestors leave, or nothing
/// without a quota. `membership` is the text of /proc/self/cgroup, `mount` is
/// where the hierarchies are: v2 as cpu.max, v1 as cpu.cfs_quota_us.
std::optional<double> cpu_quota(std::string_view membership,
                                const std::filesystem::path& mount);

}  // namespace launch
