#pragma once

#include <chrono>

namespace launch {

/// The only clock used for measuring and for deadlines.
using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// Seconds as a real number, for rates and reports.
constexpr double to_seconds(Clock::duration d) {
  return std::chrono::duration<double>(d).count();
}

}  // namespace launch
