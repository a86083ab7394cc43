#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <string>

#include "modes/base/descriptor.hpp"

namespace launch {

/// What one worker counts. A cache line each: workers never share one.
struct alignas(64) WorkerCounters {
  std::atomic<std::uint64_t> requests;    ///< answered since the start
  std::atomic<std::uint64_t> accepted;    ///< connections since the start
  std::atomic<std::int64_t> connections;  ///< open now
  std::atomic<std::int32_t> pid;          ///< 0 while the slot has no worker
};

/// Counters of all workers, in memory that the supervisor and its workers map
/// together. A slot belongs to a worker id (1..workers) and survives it: the
/// replacement goes on counting where the dead worker stopped.
class Scoreboard {
 public:
  /// New memory for `workers` slots. Throws std::system_error.
  static Scoreboard create(int workers);
  /// Maps the memory behind `fd`, which a supervisor created.
  static Scoreboard attach(Descriptor fd);

  Scoreboard(Scoreboard&&) noexcept;
  Scoreboard& operator=(Scoreboard&&) noexcept;
  ~Scoreboard();

  int fd() const { return fd_.get(); }
  int workers() const { return workers_; }
  WorkerCounters& worker(int id);  ///< id counts from 1
  const WorkerCounters& worker(int id) const;

  /// The smallest number of open connections among workers that live.
  std::int64_t fewest_connections() const;

  /// {"workers":[{"id":1,"pid":7,"requests":9,"accepted":2,"connections":1}]}
  std::string to_json() const;

 private:
  Scoreboard(Descriptor fd, WorkerCounters* slots, int workers);

  Descriptor fd_;
  WorkerCounters* slots_ = nullptr;
  int workers_ = 0;
};

}  // namespace launch
