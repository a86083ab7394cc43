#include "bench/stats/statistics.hpp"

#include <cmath>
#include <stdexcept>

#include "tests/support/catch.hpp"

namespace launch::bench {
namespace {

TEST_CASE("the median is the middle value, or between the two", "[stats]") {
  CHECK(median({3, 1, 2}) == 2);
  CHECK(median({4, 1, 3, 2}) == 2.5);
  CHECK(median({7}) == 7);
  CHECK_THROWS_AS(median({}), std::invalid_argument);
}

TEST_CASE("the geometric mean multiplies", "[stats]") {
  CHECK(geometric_mean({2, 8}) == Approx(4));
  CHECK(geometric_mean({1, 10, 100}) == Approx(10));
  CHECK(geometric_mean({5, 0}) == 0);
  CHECK_THROWS_AS(geometric_mean({5, -1}), std::invalid_argument);
  CHECK_THROWS_AS(geometric_mean({}), std::invalid_argument);
}

TEST_CASE("Student's t is that of the printed tables", "[stats]") {
  CHECK(student_t(4, 0.95) == Approx(2.776).epsilon(0.001));
  CHECK(student_t(1, 0.95) == Approx(12.706).epsilon(0.001));
  CHECK(student_t(4, 0.99) == Approx(4.604).epsilon(0.001));
}

TEST_CASE("an estimate has its interval on the log scale", "[stats]") {
  // Logs of 100, 200, 400 are m - d, m, m + d with d = ln 2: their standard
  // deviation is d, so that the interval is 200 * 2^-+(4.303 / sqrt(3)).
  const Estimate estimate = estimate_of({100, 200, 400});
  CHECK(estimate.estimate == Approx(200));
  REQUIRE(estimate.low);
  CHECK(*estimate.low ==
        Approx(200 / std::pow(2, 4.3027 / std::sqrt(3))).epsilon(0.0001));
  CHECK(*estimate.high ==
        Approx(200 * std::pow(2, 4.3027 / std::sqrt(3))).epsilon(0.0001));
}

TEST_CASE("equal values leave no doubt", "[stats]") {
  const Estimate estimate = estimate_of({50, 50, 50});
  CHECK(estimate.estimate == Approx(50));
  CHECK(*estimate.low == Approx(50));
  CHECK(*estimate.high == Approx(50));
}

TEST_CASE("one value has no interval", "[stats]") {
  const Estimate estimate = estimate_of({50});
  CHECK(estimate.estimate == Approx(50));
  CHECK_FALSE(estimate.low);
  CHECK_FALSE(estimate.high);
}

TEST_CASE("a round without an answer has no interval", "[stats]") {
  const Estimate estimate = estimate_of({50, 0, 60});
  CHECK(estimate.estimate == 0);
  CHECK_FALSE(estimate.low);
}

TEST_CASE("a spread beyond all numbers stays finite", "[stats]") {
  const Estimate estimate = estimate_of({1e-300, 1e300}, 0.9999);
  CHECK(std::isfinite(*estimate.high));
}

TEST_CASE("what disturbs both sides of a ratio cancels out", "[stats]") {
  // Both halve in the second round and double in the third: always 2 to 1.
  const Estimate ratio = ratio_of({200, 100, 400}, {100, 50, 200});
  CHECK(ratio.estimate == Approx(2));
  CHECK(*ratio.low == Approx(2));
  CHECK(*ratio.high == Approx(2));
}

TEST_CASE("a higher confidence widens the interval", "[stats]") {
  const Estimate narrow = ratio_of({110, 120, 115}, {100, 100, 100}, 0.95);
  const Estimate wide = ratio_of({110, 120, 115}, {100, 100, 100}, 0.99);
  CHECK(*wide.low < *narrow.low);
  CHECK(*wide.high > *narrow.high);
}

TEST_CASE("a ratio needs pairs and denominators", "[stats]") {
  CHECK_THROWS_AS(ratio_of({1, 2}, {1}), std::invalid_argument);
  CHECK_THROWS_AS(ratio_of({1, 2}, {1, 0}), std::invalid_argument);
}

}  // namespace
}  // namespace launch::bench
