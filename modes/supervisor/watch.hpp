#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>

#include "modes/base/clock.hpp"
#include "modes/supervisor/restart_cause.hpp"

namespace launch {

/// When a worker is worn, and when it counts as hanging; 0 means never.
struct WatchRules {
  milliseconds hang_timeout{60'000};
  std::uint64_t max_requests = 0;
  milliseconds max_lifetime{0};
  std::uint64_t max_memory = 0;  ///< bytes, as PSS
  /// Each worker's number of requests and lifetime are up to so much smaller,
  /// so that workers that started together are not worn together.
  double jitter = 0.1;

  /// Whether workers must be looked at.
  bool any() const {
    return hang_timeout.count() > 0 || max_requests > 0 ||
           max_lifetime.count() > 0 || max_memory > 0;
  }
};

/// What is seen of a worker that serves.
struct Observation {
  milliseconds silent{0};  ///< since its engine last took something up
  std::uint64_t requests = 0;
  milliseconds served{0};                 ///< since it got ready
  std::optional<std::uint64_t> memory{};  ///< PSS, where it was looked up
  std::string request{};  ///< that it works on for longest; may be empty
  bool one_thread = true;
};

/// What is wrong with a worker.
struct Finding {
  RestartCause cause;
  std::string reason;  ///< "it ..."
};

/// Judges one worker process by rules of which it draws its own share.
class Watch {
 public:
  Watch(const WatchRules& rules, std::minstd_rand& random);

  std::optional<Finding> judge(const Observation& seen) const;

 private:
  WatchRules rules_;
};

}  // namespace launch
