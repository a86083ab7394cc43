#include "bench/during/completion.hpp"

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

std::vector<WorkerCounts> workers(const std::vector<pid_t>& pids) {
  std::vector<WorkerCounts> result;
  for (const pid_t pid : pids) {
    result.emplace_back();
    result.back().id = static_cast<int>(result.size());
    result.back().pid = pid;
  }
  return result;
}

Beginning of(const std::vector<pid_t>& pids) { return {workers(pids), 0, 0}; }

TEST_CASE("a reload is over when every worker is another one", "[completion]") {
  const auto over = [](const std::vector<pid_t>& now) {
    return is_over(Over::all_replaced, of({1, 2, 3}), workers(now));
  };
  CHECK_FALSE(over({1, 2, 3}));
  CHECK_FALSE(over({4, 5, 3}));
  CHECK_FALSE(over({4, 0, 5}));
  CHECK_FALSE(over({}));
  CHECK(over({4, 5, 6}));
}

TEST_CASE("while an old and a new worker stand side by side it goes on",
          "[completion]") {
  CHECK_FALSE(is_over(Over::all_replaced, of({1, 2}), workers({3, 4, 1})));
  CHECK_FALSE(is_over(Over::any_replaced, of({1, 2}), workers({1, 2, 3})));
}

TEST_CASE("recycling is over when one worker is another one", "[completion]") {
  const auto over = [](const std::vector<pid_t>& now) {
    return is_over(Over::any_replaced, of({1, 2}), workers(now));
  };
  CHECK_FALSE(over({1, 2}));
  CHECK_FALSE(over({1, 0}));
  CHECK(over({1, 3}));
}

TEST_CASE("a death is over when the dead worker has a successor",
          "[completion]") {
  Beginning beginning = of({1, 2});
  beginning.victim = 2;
  const auto over = [&](const std::vector<pid_t>& now) {
    return is_over(Over::victim_replaced, beginning, workers(now));
  };
  CHECK_FALSE(over({1, 2}));
  CHECK_FALSE(over({1, 0}));
  CHECK(over({1, 3}));
}

TEST_CASE("a change of scale is over when the number is right",
          "[completion]") {
  Beginning beginning = of({1, 2});
  const auto over = [&](const std::vector<pid_t>& now) {
    return is_over(Over::count_changed, beginning, workers(now));
  };
  beginning.change = 1;
  CHECK_FALSE(over({1, 2}));
  CHECK_FALSE(over({1, 2, 0}));
  CHECK(over({1, 2, 3}));
  beginning.change = -1;
  CHECK_FALSE(over({1, 2}));
  CHECK(over({2}));
  CHECK(over({0, 2}));
}

TEST_CASE("workers have their turns", "[completion]") {
  CHECK(worker_in_turn(workers({7, 0, 9}), 0) == 7);
  CHECK(worker_in_turn(workers({7, 0, 9}), 1) == 9);
  CHECK(worker_in_turn(workers({7, 0, 9}), 2) == 7);
  CHECK(worker_in_turn(workers({0}), 0) == 0);
  CHECK(worker_in_turn({}, 5) == 0);
}

}  // namespace
}  // namespace launch::bench
