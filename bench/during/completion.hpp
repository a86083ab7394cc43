#pragma once

#include <sys/types.h>

#include <vector>

#include "bench/compare/target.hpp"
#include "bench/during/event.hpp"

namespace launch::bench {

/// What is known of a repetition's beginning.
struct Beginning {
  std::vector<WorkerCounts> workers;
  pid_t victim = 0;  ///< the worker that was killed or stopped
  int change = 0;    ///< of the number of workers that was asked for
};

/// Whether the repetition is over, now that the server has these workers. A
/// worker whose pid is 0 is absent.
bool is_over(Over over, const Beginning& beginning,
             const std::vector<WorkerCounts>& now);

/// The worker that is present, counted round and round; 0 without any.
pid_t worker_in_turn(const std::vector<WorkerCounts>& workers, int turn);

}  // namespace launch::bench
