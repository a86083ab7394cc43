#pragma once

#include <algorithm>
#include <cstddef>

#include "modes/base/clock.hpp"

namespace launch {

/// How long a thread of a pool takes for one event, of late. Waking another
/// thread costs a few microseconds, so for shorter ones it is dearer than
/// serving the next event too.
class ServiceTime {
 public:
  /// Above it others are woken as soon as there may be something for them.
  static constexpr double kSlow = 48;  // us
  /// What one event can count for: a thread that lost its core for a moment
  /// shall not look like a slow handler.
  static constexpr double kMost = 128;  // us
  /// Events that an older average lasts for.
  static constexpr double kMemory = 16;

  /// So many events took one thread that long.
  void add(nanoseconds spent, std::size_t events) {
    if (events == 0) return;
    const auto count = static_cast<double>(events);
    const double each = to_seconds(spent) * 1e6 / count;
    const double weight = std::min(1.0, count / kMemory);
    average_ += (std::min(each, kMost) - average_) * weight;
  }

  /// A thread was found waiting in a handler.
  void stuck() { average_ = kMost; }

  bool slow() const { return average_ > kSlow; }

 private:
  double average_ = 0;  // us
};

}  // namespace launch
