#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "modes/base/clock.hpp"
#include "modes/supervisor/restart_cause.hpp"

// What processes count in memory that they share: see Scoreboard.

namespace launch {

// Only a lock-free atomic works across address spaces.
using Count = std::atomic<std::uint64_t>;
static_assert(Count::is_always_lock_free);
static_assert(std::atomic<std::int64_t>::is_always_lock_free);
static_assert(std::atomic<std::int32_t>::is_always_lock_free);

/// Milliseconds of the monotonic clock, as of its last tick (4 ms or so ago):
/// a tenth of the price of Clock::now(). Never 0.
std::uint64_t coarse_ms();

/// How long requests took, from when the engine found them until their answer
/// was sent: the upper bounds in us of all cells but the last, which has none.
inline constexpr std::array<std::uint64_t, 16> kLatencyBounds{
    100,       250,       500,       1'000,     2'500,   5'000,
    10'000,    25'000,    50'000,    100'000,   250'000, 500'000,
    1'000'000, 2'500'000, 5'000'000, 10'000'000};

struct Latency {
  std::array<Count, kLatencyBounds.size() + 1> cells;
  Count sum_us;

  /// `requests` that took `each`.
  void record(nanoseconds each, std::uint64_t requests);
  void add(const Latency& other);
};

/// The request whose handler a thread runs, for others to read meanwhile.
class alignas(64) RunningRequest {
 public:
  /// By the thread itself.
  void begin(std::string_view method, std::string_view target);
  void end() { since_.store(0, std::memory_order_relaxed); }

  /// coarse_ms() of its begin; 0 while none runs.
  std::uint64_t since() const { return since_.load(std::memory_order_relaxed); }
  /// "GET /orders/7", cut off when it is long; may be torn when it just ended.
  std::string text() const;

 private:
  static constexpr std::size_t kWords = 14;

  Count since_;
  std::atomic<std::uint64_t> length_;
  std::array<Count, kWords> words_;
};

/// What one worker process counts, in cache lines that it shares with no
/// other. Its supervisor empties it after the process is gone.
struct alignas(64) Seat {
  Count requests;    ///< answered
  Count accepted;    ///< connections
  Count bytes_sent;  ///< of answers, as the kernel took them
  std::atomic<std::int64_t> connections;  ///< open now
  std::atomic<std::int32_t> pid;          ///< 0: none that accepts sits here
  std::atomic<std::int32_t> id;           ///< of the worker
  std::atomic<std::int32_t> threads;
  std::atomic<std::int32_t> busy;  ///< of several threads: those in handlers
  /// coarse_ms() when a thread last took something up; while nothing goes on,
  /// at least once a second.
  Count beat;

  alignas(64) Latency latency;

  /// Of the first threads.
  static constexpr std::size_t kShownThreads = 64;
  std::array<RunningRequest, kShownThreads> running;

  int busy_threads() const;
  /// The one that runs for longest: "" when none does.
  std::string longest_request() const;
};

/// What all processes of one worker that are gone counted, and why they went.
struct alignas(64) SlotTotals {
  Count requests;
  Count accepted;
  Count bytes_sent;
  Latency latency;
  std::array<Count, kRestartCauses.size()> restarts;
};

}  // namespace launch
