#include "bench/load/expense.hpp"

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

TEST_CASE("what a busy thread spends is CPU time, the rest is idle",
          "[expense]") {
  const Expense expense;
  const auto end = Clock::now() + milliseconds{50};
  while (Clock::now() < end) {
  }
  LoadResult result;
  result.duration_s = 100;
  expense.write_into(result);
  CHECK(result.generator_cpu_s > 0);
  CHECK(result.generator_cpu_s < 50);
  CHECK(result.generator_run_delay_s >= 0);
  CHECK(result.generator_idle_s ==
        Approx(100 - result.generator_cpu_s - result.generator_run_delay_s));
}

TEST_CASE("idle time is never below zero", "[expense]") {
  const Expense expense;
  LoadResult result;  // an interval without any duration
  expense.write_into(result);
  CHECK(result.generator_idle_s == 0);
}

}  // namespace
}  // namespace launch::bench
