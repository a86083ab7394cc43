#pragma once

#include <string>

#include "bench/reference/limit_options.hpp"
#include "bench/reference/measured_server.hpp"

namespace launch::bench {

/// Fast requests that were sent while a handler was blocked.
struct BesideBlocked {
  int fast = 0;  ///< answered within kFastLimit
  int sent = 0;  ///< before the blocked one was answered
  double slowest_ms = 0;
};

inline constexpr milliseconds kFastLimit{50};

/// Sends one request of `blocking_path`, and while it runs 100 of the
/// contender's path, one every 5 ms, on 10 connections in turn. Throws
/// std::runtime_error when one is not answered well.
BesideBlocked measure_beside_blocked(const LimitContender& contender,
                                     const std::string& blocking_path,
                                     const Cores& cores);

}  // namespace launch::bench
