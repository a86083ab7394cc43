#pragma once

#include "bench/load/load.hpp"

namespace launch::bench {

/// What the calling thread itself spent since the construction.
class Expense {
 public:
  Expense();

  /// The generator's share of an interval of `result.duration_s`. The thread
  /// blocks nowhere but in epoll_wait, so what is left of the interval it slept
  /// there. (The time inside epoll_wait would count the system call's own work
  /// as idle: a fifth of the interval under full load.)
  void write_into(LoadResult& result) const;

 private:
  double cpu_s_;
  double run_delay_s_;
};

}  // namespace launch::bench
