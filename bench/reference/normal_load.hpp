#pragma once

#include <cstdint>
#include <string>

#include "modes/base/clock.hpp"
#include "modes/base/histogram.hpp"

namespace launch::bench {

/// GET requests at a steady rate, whatever the answers do (open loop): most on
/// kept-open connections in turn, every so many on one of its own.
struct NormalPlan {
  std::uint16_t port = 0;  ///< of 127.0.0.1
  std::string path = "/";
  int connections = 16;  ///< that are kept open
  int rate = 2000;       ///< requests per second
  int fresh_every = 20;  ///< each such request on a new connection; 0: none
  milliseconds duration{5000};  ///< in which requests fall due
  milliseconds timeout{5000};   ///< from then to the complete answer
};

struct NormalResult {
  std::uint64_t requests = 0;  ///< all that fell due
  /// Those without a complete answer of status 200 within the time-out.
  std::uint64_t failures = 0;
  std::string first_failure;  ///< in words; or empty
  /// Of the others, in microseconds from when the request fell due to the last
  /// byte: connecting counts, and waiting for a connection to be free.
  Histogram latency_us;
  /// How late the client itself took up a request; part of its latency.
  Histogram late_us;
};

/// Runs the plan on the calling thread until the last request is answered or
/// has failed. Throws std::system_error when the client itself cannot work (no
/// descriptors).
NormalResult run_normal_load(const NormalPlan& plan);

}  // namespace launch::bench
