#include "modes/base/histogram.hpp"

#include "tests/support/catch.hpp"

namespace launch {
namespace {

Histogram repeated(std::uint64_t value, int times) {
  Histogram histogram;
  for (int i = 0; i < times; ++i) histogram.record(value);
  return histogram;
}

TEST_CASE("an empty histogram knows nothing", "[histogram]") {
  const Histogram histogram;
  CHECK(histogram.count() == 0);
  CHECK(histogram.min() == 0);
  CHECK(histogram.max() == 0);
  CHECK(histogram.mean() == 0);
  CHECK_FALSE(histogram.percentile(0.5));
}

TEST_CASE("count, extremes and mean are exact", "[histogram]") {
  Histogram histogram;
  for (const std::uint64_t value : {5'000'001ull, 3ull, 1'000'002ull})
    histogram.record(value);
  CHECK(histogram.count() == 3);
  CHECK(histogram.min() == 3);
  CHECK(histogram.max() == 5'000'001);
  CHECK(histogram.mean() == Approx(2'000'002.0));
}

TEST_CASE("percentiles of 1 to 1000 are the nearest ranks", "[histogram]") {
  Histogram histogram;
  for (std::uint64_t value = 1000; value >= 1; --value) histogram.record(value);
  CHECK(histogram.percentile(0.001) == 1.0);
  CHECK(histogram.percentile(0.5) == 500.0);
  CHECK(histogram.percentile(0.9) == 900.0);
  CHECK(histogram.percentile(0.95) == 950.0);
  CHECK(histogram.percentile(0.99) == 990.0);
}

TEST_CASE("a percentile needs 10 / (1 - q) values", "[histogram]") {
  CHECK_FALSE(repeated(7, 19).percentile(0.5));
  CHECK(repeated(7, 20).percentile(0.5) == 7.0);
  CHECK_FALSE(repeated(7, 99).percentile(0.9));
  CHECK(repeated(7, 100).percentile(0.9) == 7.0);
  CHECK_FALSE(repeated(7, 999).percentile(0.99));
  CHECK(repeated(7, 1000).percentile(0.99) == 7.0);
  CHECK_FALSE(repeated(7, 9'999).percentile(0.999));
  CHECK(repeated(7, 10'000).percentile(0.999) == 7.0);
  CHECK_FALSE(repeated(7, 10'000).percentile(1.0));
}

TEST_CASE("values below 2048 are exact, above it cells are shared",
          "[histogram]") {
  Histogram histogram;
  for (int i = 0; i < 20; ++i) histogram.record(2047);
  CHECK(histogram.percentile(0.5) == 2047.0);

  // 2048 and 2049 share the first cell of width 2; its middle is 2048.5.
  histogram.clear();
  for (int i = 0; i < 20; ++i) histogram.record(i % 2 == 0 ? 2048 : 2049);
  CHECK(histogram.percentile(0.5) == 2048.5);

  // 4096 to 4099 share a cell of width 4, 4100 is in the next one.
  histogram.clear();
  for (int i = 0; i < 20; ++i) histogram.record(4096);
  histogram.record(4100);
  histogram.record(4095);
  CHECK(histogram.percentile(0.5) == 4097.5);
}

TEST_CASE("what is read back is never outside what was recorded",
          "[histogram]") {
  // The cell of 1 000 000 is [999 936, 1 000 448), its middle 1 000 191.5.
  CHECK(repeated(1'000'000, 20).percentile(0.5) == 1'000'000.0);
}

TEST_CASE("the relative error stays below 1 in 1024", "[histogram]") {
  for (std::uint64_t value = 1; value < Histogram::kMax;
       value += value / 7 + 1) {
    Histogram histogram = repeated(value, 20);
    // Wide extremes, so that the middle of the cell is not clamped.
    histogram.record(0);
    histogram.record(Histogram::kMax);
    const double error = *histogram.percentile(0.5) / double(value) - 1;
    INFO(value);
    CHECK(std::abs(error) < 1.0 / 1024);
  }
}

TEST_CASE("values above an hour count as an hour", "[histogram]") {
  const Histogram histogram = repeated(~std::uint64_t{0}, 20);
  CHECK(histogram.max() == Histogram::kMax);
  CHECK(histogram.percentile(0.5) == 3.6e9);
}

TEST_CASE("merging equals recording everything in one", "[histogram]") {
  Histogram low;
  Histogram high;
  Histogram all;
  for (std::uint64_t i = 1; i <= 500; ++i) {
    low.record(i);
    high.record(i * 1000);
    all.record(i);
    all.record(i * 1000);
  }
  Histogram merged;
  merged.merge(low);
  merged.merge(Histogram{});
  merged.merge(high);
  CHECK(merged.count() == 1000);
  CHECK(merged.min() == 1);
  CHECK(merged.max() == 500'000);
  CHECK(merged.mean() == all.mean());
  CHECK(merged.percentile(0.25) == all.percentile(0.25));
  CHECK(merged.percentile(0.99) == all.percentile(0.99));
}

TEST_CASE("a cleared histogram starts again", "[histogram]") {
  Histogram histogram = repeated(9, 30);
  histogram.clear();
  CHECK(histogram.count() == 0);
  CHECK(histogram.max() == 0);
  histogram.record(4);
  CHECK(histogram.min() == 4);
  CHECK(histogram.mean() == 4);
}

}  // namespace
}  // namespace launch
