#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bench/compare/compare.hpp"
#include "bench/compare/host_time.hpp"
#include "bench/compare/records.hpp"
#include "bench/compare/target.hpp"

namespace launch::bench {

/// Everything by which a comparison touches the machine. Replaced in tests, so
/// that scheduling is tested without processes, load or time.
struct Instruments {
  /// Throws StartError.
  std::function<std::unique_ptr<Target>(const Contender&, milliseconds)> start;
  std::function<std::optional<std::string>(
      const std::string& host, std::uint16_t port, const RequestKind&,
      milliseconds timeout)>
      probe;
  std::function<LoadResult(const LoadPlan&, const LoadHooks&,
                           const std::atomic<bool>*)>
      load;
  std::function<HostTime()> host_time;
  std::function<Clock::time_point()> now;
  Machine machine;
};

/// Those that measure this machine.
Instruments real_instruments();

/// compare() with the given instruments.
Comparison compare_with(const Instruments& instruments,
                        const ComparisonPlan& plan, Progress& progress,
                        const std::atomic<bool>& cancelled);

}  // namespace launch::bench
