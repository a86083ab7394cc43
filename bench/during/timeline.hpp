#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "bench/during/losses.hpp"
#include "bench/load/observer.hpp"
#include "modes/base/clock.hpp"
#include "modes/base/histogram.hpp"

namespace launch::bench {

/// What clients saw in one part of a run.
struct PhaseRecord {
  double duration_s = 0;
  std::uint64_t answered = 0;  ///< complete answers, 2xx or 3xx
  Losses lost;
  std::uint64_t unsent = 0;  ///< for want of a local port: not the server's
  Clock::duration longest_gap{0};  ///< without a good answer on any connection
  Histogram response_time_us;      ///< of those answered
};

enum class Phase { before, during, after };
inline constexpr std::size_t kPhases = 3;

/// Sorts what happens to requests into the phases of a run. One thread moves
/// the time on; the load's thread is the observer; records() is read when that
/// has ended.
class Timeline final : public LoadObserver {
 public:
  /// From `at` on, outcomes belong to `phase`; the one before ends.
  void begin(Phase phase, Clock::time_point at);

  /// The last phase ends. What still comes was asked in it and counts for it,
  /// except that no silence is a gap any more.
  void end(Clock::time_point at);

  /// As end(), and nothing counts any more.
  void cut(Clock::time_point at);

  void on_answer(Clock::time_point at, int status,
                 Clock::duration took) override;
  void on_failure(Clock::time_point at, ErrorKind kind) override;

  /// In the order of Phase; empty ones where there was no such phase.
  std::array<PhaseRecord, kPhases> records() const;

 private:
  enum class State { idle, before, during, after, draining, cut };

  static std::size_t index_of(State state);
  void close_phase(Clock::time_point at);

  std::atomic<State> state_{State::idle};
  std::array<Clock::time_point, kPhases> begins_{};
  std::array<Clock::time_point, kPhases> ends_{};
  std::array<PhaseRecord, kPhases> records_;
  std::array<Clock::time_point, kPhases> last_answers_{};
  Clock::time_point last_answer_{};  ///< the warm-up's too
};

}  // namespace launch::bench
