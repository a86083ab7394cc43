#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/compare/target.hpp"
#include "bench/load/load.hpp"

namespace launch::bench {

/// Everything by which a run touches the machine. Replaced in tests, so that
/// events are tested without processes, load or time.
struct Stage {
  /// Throws StartError.
  std::function<std::unique_ptr<Target>(const Contender&, milliseconds)> start;
  std::function<std::optional<std::string>(
      const std::string& host, std::uint16_t port, const RequestKind&,
      milliseconds timeout)>
      probe;
  /// Called on a thread of its own.
  std::function<LoadResult(const LoadPlan&, const LoadHooks&,
                           const std::atomic<bool>*)>
      load;
  std::function<std::uint16_t()> free_port;
  std::function<Clock::time_point()> now;
  std::function<void(milliseconds)> sleep;
  std::function<void(pid_t, int)> signal;
  /// SIGSTOP, and waits until the process stands still.
  std::function<void(pid_t)> freeze;
  std::function<bool(pid_t)> is_alive;
  /// The descendants of a server's first process.
  std::function<std::vector<pid_t>(pid_t)> children;
  /// How many connections of clients to `port` a process holds, where that can
  /// be known.
  std::function<std::optional<std::uint64_t>(pid_t, std::uint16_t port)> held;
  Machine machine;
};

/// The one that does it.
Stage real_stage();

}  // namespace launch::bench
