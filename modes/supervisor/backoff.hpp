#pragma once

#include <random>
#include <vector>

#include "modes/base/clock.hpp"

namespace launch {

/// How soon a worker that died is started again, and when that is no use. Not
/// at once when it dies again and again: ever more rarely, and when all of them
/// do, one by one.
class Backoff {
 public:
  struct Rules {
    /// Death -> next start: nothing at first, then this, doubled each time ...
    milliseconds first{1'000};
    milliseconds longest{15'000};  ///< ... up to this ...
    double jitter = 0.25;          ///< ... and up to so much of it more
    /// Deaths in a row that are a crash loop: two of each worker, and these.
    int last_attempts = 3;
  };

  /// `seed` of the jitter.
  Backoff(int workers, const Rules& rules, unsigned seed);

  void resize(int workers) { slots_.resize(static_cast<std::size_t>(workers)); }
  int workers() const { return static_cast<int>(slots_.size()); }

  /// Counts a death of worker `id` (from 1). `was_healthy`: it served for so
  /// long that this is no sign of a loop; `any_healthy`: it or another did.
  void died(int id, bool was_healthy, bool any_healthy);
  /// Counts a start that failed though the worker is still served by an older
  /// process: no sign of a loop, however often.
  void failed(int id) { ++slot(id).deaths; }
  /// What becomes of this worker from now on has nothing to do with its past.
  void forget(int id) { slot(id) = {}; }

  bool is_crash_loop() const {
    return deaths_ >= 2 * workers() + rules_.last_attempts;
  }
  int deaths() const { return deaths_; }  ///< in a row, of all workers

  /// Decides when the worker may start; returns how long from now.
  milliseconds delay(int id, Clock::time_point now);
  bool may_start(int id, Clock::time_point now) const {
    return slots_.at(static_cast<std::size_t>(id) - 1).may_start <= now;
  }
  /// When the next of those that wait may start; max() when none waits.
  Clock::time_point next_start(Clock::time_point now) const;

 private:
  struct Slot {
    Clock::time_point may_start = Clock::time_point::min();
    int deaths = 0;  ///< in a row
  };
  Slot& slot(int id) { return slots_.at(static_cast<std::size_t>(id) - 1); }

  Rules rules_;
  std::minstd_rand random_;
  std::vector<Slot> slots_;
  Clock::time_point last_ = Clock::time_point::min();  ///< delayed start
  int deaths_ = 0;
};

}  // namespace launch
