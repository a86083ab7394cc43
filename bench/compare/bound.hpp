#pragma once

#include "bench/compare/records.hpp"

namespace launch::bench {

/// The generator is at its limit when it works, or waits for a core, for this
/// share of the interval.
inline constexpr double kGeneratorLimit = 0.95;
/// The server is at its limit when it uses this share of its cores.
inline constexpr double kServerLimit = 0.9;
/// A generator that works less than this waits for the server mostly.
inline constexpr double kGeneratorIdle = 0.5;

/// What the interval looked like from both sides.
struct LoadSides {
  double generator_cpu_share = 0;        ///< of one core
  double generator_run_delay_share = 0;  ///< runnable, but not running
  double server_cores_used = 0;          ///< CPU time / duration
  int server_cores = 1;    ///< that it can use: min(threads, cores)
  int server_threads = 1;  ///< handler threads, all processes
  int connections = 1;     ///< each with one request under way
};

/// - generator: at its limit while the server was not; both: both were.
/// - server: at its limit; or its handlers wait for something that is no CPU
///   (a database, a sleep): the generator is mostly idle, although there is a
///   request for every handler thread.
/// - neither: both had time left, because there are fewer connections than
///   handler threads, or because they waited for each other.
Bound decide_bound(const LoadSides& sides);

}  // namespace launch::bench
