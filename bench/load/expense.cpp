#include "bench/load/expense.hpp"

#include <time.h>

#include <algorithm>
#include <fstream>

namespace launch::bench {
namespace {

double thread_cpu_s() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) +
         static_cast<double>(used.tv_nsec) * 1e-9;
}

/// Time this thread was runnable without running: the second number of
/// schedstat, in nanoseconds. 0 on a kernel without it.
double thread_run_delay_s() {
  std::ifstream schedstat("/proc/thread-self/schedstat");
  std::uint64_t on_cpu = 0;
  std::uint64_t delayed = 0;
  return schedstat >> on_cpu >> delayed ? static_cast<double>(delayed) * 1e-9
                                        : 0;
}

}  // namespace

Expense::Expense()
    : cpu_s_(thread_cpu_s()), run_delay_s_(thread_run_delay_s()) {}

void Expense::write_into(LoadResult& result) const {
  result.generator_cpu_s = thread_cpu_s() - cpu_s_;
  result.generator_run_delay_s = thread_run_delay_s() - run_delay_s_;
  result.generator_idle_s =
      std::max(0.0, result.duration_s - result.generator_cpu_s -
                        result.generator_run_delay_s);
}

}  // namespace launch::bench
