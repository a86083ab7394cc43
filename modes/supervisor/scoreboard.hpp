#pragma once

#include <cstdint>
#include <string>

#include "modes/base/descriptor.hpp"
#include "modes/supervisor/seat.hpp"

namespace launch {

/// Counters of all workers, in memory that the supervisor and its workers map
/// together. Each process counts at a seat of its own; a worker, known by its
/// id (from 1), may have several while one replaces another. What a process
/// counted is added to the totals of its worker when it is gone, so that no
/// count of a worker ever goes back.
class Scoreboard {
 public:
  /// Room enough for every worker and its successors. Only what is used costs
  /// memory.
  static constexpr int kSeats = 4096;
  static constexpr int kWorkers = 1024;

  /// New memory. Throws std::system_error.
  static Scoreboard create();
  /// Maps the memory behind `fd`, which a supervisor created.
  static Scoreboard attach(Descriptor fd);

  Scoreboard(Scoreboard&&) noexcept;
  Scoreboard& operator=(Scoreboard&&) noexcept;
  ~Scoreboard();

  int fd() const { return fd_.get(); }

  Seat& seat(int number);  ///< counts from 1
  const Seat& seat(int number) const;
  SlotTotals& totals(int id);  ///< counts from 1
  const SlotTotals& totals(int id) const;

  /// Before a process of worker `id` starts.
  void take_seat(int number, int id);
  /// After it is gone: what it counted goes to its worker's totals.
  void leave_seat(int number);

  /// The smallest number of open connections among processes that accept; 0
  /// without any.
  std::int64_t fewest_connections() const;
  /// Whether more than one process may accept.
  bool shared() const { return taken() > 1; }

  /// Sums of a worker's totals and of the processes that it has now.
  struct WorkerSums {
    int pid = 0;  ///< of the process that accepts; 0: none
    std::uint64_t requests = 0;
    std::uint64_t accepted = 0;
    std::uint64_t bytes_sent = 0;
    std::int64_t connections = 0;
  };
  WorkerSums sums(int id) const;

  /// Of the workers 1 to `workers`:
  /// {"workers":[{"id":1,"pid":7,"requests":9,"accepted":2,"connections":1}]}
  std::string to_json(int workers) const;

 private:
  struct Memory;

  Scoreboard(Descriptor fd, Memory* memory);
  int taken() const;  ///< the highest seat that was ever taken

  Descriptor fd_;
  Memory* memory_ = nullptr;
};

}  // namespace launch
